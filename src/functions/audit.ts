import type { HttpRequest, HttpResponseInit, InvocationContext } from '@azure/functions';
import { z } from 'zod';
import { withEngine } from '../app.js';
import { RECORD_OUTCOMES } from '../types/record.js';
import { REMEDIATOR_IDS } from '../types/remediator-id.js';
import { failure } from '../http/failure.js';
import { inputProblem, json } from '../http/problem.js';
import { pageParameters, queryOf, resourceIdText } from '../http/query.js';

const querySchema = z.strictObject({
  resourceId: resourceIdText.optional(),
  remediator: z.enum(REMEDIATOR_IDS).optional(),
  outcome: z.enum(RECORD_OUTCOMES).optional(),
  correlationId: z.string().min(1).max(200).optional(),
  since: z.iso
    .datetime({ offset: true })
    .transform((text, context) => {
      const time = new Date(text).toISOString();
      // With its offset, a time can lie outside the four-digit years that sort as text.
      if (!/^\d{4}-/.test(time)) context.addIssue('lies outside the years 0000 to 9999.');
      return time;
    })
    .optional(),
  ...pageParameters(1000, 100),
});

/** The records, newest first. */
export async function audit(request: HttpRequest, context: InvocationContext): Promise<HttpResponseInit> {
  const query = querySchema.safeParse(queryOf(request));
  if (!query.success) return inputProblem(query.error);
  try {
    const page = await withEngine(context.log.bind(context), (engine) => engine.audit(query.data));
    return json(200, page);
  } catch (error) {
    return failure(error, context);
  }
}
