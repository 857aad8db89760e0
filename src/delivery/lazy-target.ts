import type { DeliveryTarget, TargetName } from './target.js';

/** A target whose code is loaded by the first delivery to it: whoever starts the app does not wait for it. */
export function lazyTarget(
  name: TargetName,
  batch: number,
  load: () => Promise<Pick<DeliveryTarget, 'deliver'>>,
): DeliveryTarget {
  let loading: ReturnType<typeof load> | undefined;
  return {
    name,
    batch,
    async deliver(records, signal, more) {
      const target = await (loading ??= load());
      await target.deliver(records, signal, more);
    },
  };
}
