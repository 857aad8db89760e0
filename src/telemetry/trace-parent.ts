import { context, propagation } from '@opentelemetry/api';

/** The W3C trace context of what is under way, for a message that others go on from; null where nobody traces. */
export function currentTraceParent(): string | null {
  const carrier: Record<string, string> = {};
  propagation.inject(context.active(), carrier);
  return carrier['traceparent'] ?? null;
}
