import type { HttpRequest, HttpResponseInit, InvocationContext } from '@azure/functions';
import { z } from 'zod';
import { withEngine } from '../app.js';
import { failure } from '../http/failure.js';
import { json, problem } from '../http/problem.js';

const recordId = z.uuidv7();

/** How the change of a record is taken back, as commands for whoever may; nothing is changed here. */
export async function undo(request: HttpRequest, context: InvocationContext): Promise<HttpResponseInit> {
  const id = recordId.safeParse(request.params.id);
  if (!id.success) return problem(400, 'Bad input', 'The path must name the id of an audit record (a UUID).');
  try {
    const result = await withEngine(context.log.bind(context), (engine) => engine.undo(id.data));
    switch (result.kind) {
      case 'unknown':
        return problem(404, 'No such record', 'The audit log has no record of this id.');
      case 'not-applied':
        return problem(409, 'Nothing to undo', `The record is ${result.outcome}. ${result.why}`, {
          outcome: result.outcome,
        });
      case 'undo':
        return json(200, result.undo);
    }
  } catch (error) {
    return failure(error, context);
  }
}
