import { useInstrumenter, type Instrumenter, type TracingSpan } from '@azure/core-tracing';
import {
  context,
  propagation,
  SpanKind,
  SpanStatusCode,
  trace,
  type AttributeValue,
  type Context,
  type Span,
} from '@opentelemetry/api';

const KINDS = {
  client: SpanKind.CLIENT,
  server: SpanKind.SERVER,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
  internal: SpanKind.INTERNAL,
} as const;

/** The Azure SDK's names for what OpenTelemetry calls otherwise: https://opentelemetry.io/docs/specs/semconv/http/http-spans */
const NAMES: Readonly<Record<string, string>> = {
  'http.method': 'http.request.method',
  'http.url': 'url.full',
  'http.status_code': 'http.response.status_code',
  'http.user_agent': 'user_agent.original',
  requestId: 'az.client_request_id',
  serviceRequestId: 'az.service_request_id',
};

/**
 * Has the Azure SDK's clients (ARM, storage, tokens) tell of each request in a span. Azure's own instrumentation does the
 * same by changing a module while it is required, which a bundle never does.
 */
export function traceAzureSdk(): void {
  useInstrumenter(instrumenter);
}

const instrumenter: Instrumenter = {
  startSpan(name, { spanKind = 'internal', spanAttributes = {}, tracingContext }) {
    const parent = (tracingContext as Context | undefined) ?? context.active();
    const span = trace.getTracer('holdfast.azure-sdk').startSpan(name, { kind: KINDS[spanKind] }, parent);
    for (const [key, value] of Object.entries(spanAttributes)) setAttribute(span, key, value);
    return { span: asTracingSpan(span), tracingContext: trace.setSpan(parent, span) };
  },
  withContext: (tracingContext, callback, ...args) =>
    context.with(tracingContext, callback, undefined, ...args),
  parseTraceparentHeader: (traceparent) => propagation.extract(context.active(), { traceparent }),
  // Nothing of ours goes to Azure: whoever reads a provider's logs needs no trace of this app.
  createRequestHeaders: () => ({}),
};

function asTracingSpan(span: Span): TracingSpan {
  return {
    setStatus: (status) => {
      if (status.status === 'error') span.setStatus({ code: SpanStatusCode.ERROR });
    },
    setAttribute: (key, value) => {
      setAttribute(span, key, value);
    },
    end: () => {
      span.end();
    },
    // By its name alone: a service's message may hold what a caller wrote.
    recordException: (error) => {
      span.setAttribute('error.type', error instanceof Error ? error.name : 'unknown');
    },
    isRecording: () => span.isRecording(),
  };
}

function setAttribute(span: Span, key: string, value: unknown): void {
  if (value === undefined || value === null) return;
  span.setAttribute(NAMES[key] ?? key, value as AttributeValue);
}
