import { metrics, type Attributes } from '@opentelemetry/api';

/**
 * What Holdfast counts and measures. Names and units by OpenTelemetry's conventions
 * (https://opentelemetry.io/docs/specs/semconv/general/metrics); docs/telemetry.md lists them. Made when first used: a meter
 * that is asked for before telemetry has started measures nothing for ever.
 */
const create = () => {
  const meter = metrics.getMeter('holdfast');
  return {
    drift: meter.createCounter('holdfast.drift', {
      unit: '{record}',
      description: 'Resources found outside the safe state, by what became of it',
    }),
    fixes: meter.createCounter('holdfast.fixes', {
      unit: '{edit}',
      description: 'Edits that Azure has taken',
    }),
    failures: meter.createCounter('holdfast.failures', {
      unit: '{record}',
      description: 'Changes that Azure did not take, or of which it is not known whether it did',
    }),
    fixDuration: meter.createHistogram('holdfast.fix.duration', {
      unit: 's',
      description:
        'From what happened to what put it right: from the event, or from the look where none announced it',
      advice: { explicitBucketBoundaries: [0.25, 0.5, 1, 2, 5, 10, 30, 60, 300, 1800, 7200] },
    }),
    throttled: meter.createCounter('holdfast.arm.throttled', {
      unit: '{request}',
      description: 'Requests that Azure Resource Manager answered with 429',
    }),
    requestDuration: meter.createHistogram('http.client.request.duration', {
      unit: 's',
      description: 'Requests to Azure Resource Manager, each attempt by itself',
      advice: { explicitBucketBoundaries: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30] },
    }),
    queueAge: meter.createHistogram('holdfast.queue.age', {
      unit: 's',
      description: 'How long ago a message was put on the queue when it is handled, wanted delays included',
      advice: { explicitBucketBoundaries: [0.5, 1, 5, 10, 30, 60, 300, 900, 3600, 21_600] },
    }),
    waiting: meter.createGauge('holdfast.delivery.waiting', {
      unit: '{record}',
      description: 'Records that wait for a target after a run of the function deliver',
    }),
    failing: meter.createGauge('holdfast.delivery.failing', {
      unit: 's',
      description: 'For how long a target has failed in a row; 0 where it does not',
    }),
  };
};

type Instruments = ReturnType<typeof create>;

let made: Instruments | undefined;

export function count(name: 'drift' | 'fixes' | 'failures' | 'throttled', by: number, of: Attributes): void {
  (made ??= create())[name].add(by, of);
}

/** In seconds. */
export function measure(
  name: 'fixDuration' | 'requestDuration' | 'queueAge',
  seconds: number,
  of: Attributes,
): void {
  (made ??= create())[name].record(seconds, of);
}

/** From now on what is measured goes to the meters of whoever has registered by now. */
export function renewInstruments(): void {
  made = undefined;
}

/** How something is now. */
export function gauge(name: 'waiting' | 'failing', value: number, of: Attributes): void {
  (made ??= create())[name].record(value, of);
}
