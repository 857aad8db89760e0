import { SpanKind } from '@opentelemetry/api';
import { inSpan } from '../../telemetry/in-span.js';
import { measure } from '../../telemetry/instruments.js';
import type { Look, LookResult } from './look.js';
import type { LookOptions } from './look-at.js';
import type { RunLook } from './run-look.js';

export type TracedLook = (
  look: Look,
  options: LookOptions,
  begin?: () => Look,
  traceParent?: string | null,
) => Promise<LookResult>;

/**
 * A look in a span of its own: under it stand the requests that it takes, the write's among them. `traceParent` is that of
 * whoever has queued the look.
 */
export function tracedLook(runLook: RunLook): TracedLook {
  return (look, options, begin, traceParent = null) => {
    const startedAt = Date.now();
    const { id, trigger, correlationId, dryRun } = look;
    const attributes = {
      'cloud.resource_id': id.id,
      'holdfast.trigger': trigger,
      'holdfast.correlation_id': correlationId,
      'holdfast.dry_run': dryRun,
    };
    return inSpan({ name: 'look', kind: SpanKind.INTERNAL, attributes, traceParent }, async (note) => {
      const result = await runLook(look, options, begin);
      note({ 'holdfast.outcome': result.kind === 'done' ? result.outcome : result.kind });
      if (hasFixed(result))
        measure('fixDuration', secondsTo(look, startedAt), { 'holdfast.trigger': trigger });
      return result;
    });
  };
}

function hasFixed(result: LookResult): boolean {
  return result.kind === 'done' && result.remediations.some(({ outcome }) => outcome === 'applied');
}

/** From the event that announced it, where one did: by Azure's clock, which may be ahead of ours. */
function secondsTo({ causedAt }: Look, startedAt: number): number {
  const from = causedAt === null ? startedAt : Math.min(startedAt, Date.parse(causedAt));
  return Math.max(0, Date.now() - from) / 1000;
}
