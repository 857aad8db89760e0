import {
  context,
  propagation,
  SpanStatusCode,
  trace,
  type Attributes,
  type SpanKind,
} from '@opentelemetry/api';

export interface SpanDescription {
  readonly name: string;
  readonly kind: SpanKind;
  readonly attributes?: Attributes;
  /** W3C trace context (https://www.w3.org/TR/trace-context) of whoever caused this; else it goes under the span around it. */
  readonly traceParent?: string | null;
}

/** Adds attributes to the span once they are known. */
export type Note = (attributes: Attributes) => void;

/**
 * Runs work in a span of its own, which ends with it. What the work throws is noted by its name alone, because its message may
 * be somebody else's text, and thrown on. Where nobody has asked for traces it only runs the work.
 */
export function inSpan<T>(
  { name, kind, attributes = {}, traceParent = null }: SpanDescription,
  work: (note: Note) => Promise<T>,
): Promise<T> {
  const active = context.active();
  const parent = traceParent === null ? active : propagation.extract(active, { traceparent: traceParent });
  return trace.getTracer('holdfast').startActiveSpan(name, { kind, attributes }, parent, async (span) => {
    try {
      return await work((more) => span.setAttributes(more));
    } catch (error) {
      span.setAttribute('error.type', error instanceof Error ? error.name : 'unknown');
      span.setStatus({ code: SpanStatusCode.ERROR });
      throw error;
    } finally {
      span.end();
    }
  });
}
