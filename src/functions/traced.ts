import type { FunctionHandler, InvocationContext } from '@azure/functions';
import { SpanKind } from '@opentelemetry/api';
import { telemetryStarted } from '../app.js';
import { inSpan } from '../telemetry/in-span.js';
import { measure } from '../telemetry/instruments.js';

/** A function that tells of its runs, where telemetry is configured; under the span of the host that has it run. */
export function traced(handler: FunctionHandler): FunctionHandler {
  return async (input: unknown, invocation: InvocationContext) => {
    await telemetryStarted((line) => {
      invocation.error(line);
    });
    measureAge(invocation);
    const description = {
      name: invocation.functionName,
      kind: SpanKind.INTERNAL,
      attributes: { 'faas.invocation_id': invocation.invocationId, 'faas.name': invocation.functionName },
      traceParent: invocation.traceContext?.traceParent ?? null,
    };
    return inSpan(description, async () => (await handler(input, invocation)) as unknown);
  };
}

/** A queue's message says when it was put there (https://learn.microsoft.com/azure/azure-functions/functions-bindings-storage-queue-trigger#message-metadata). */
function measureAge({ functionName, triggerMetadata }: InvocationContext): void {
  const insertedAt = triggerMetadata?.['insertionTime'];
  const time =
    typeof insertedAt === 'string' || insertedAt instanceof Date ? new Date(insertedAt).getTime() : NaN;
  if (Number.isNaN(time)) return;
  measure('queueAge', Math.max(0, Date.now() - time) / 1000, { 'faas.name': functionName });
}
