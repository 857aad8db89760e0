import type { Random } from '../../simulator/random.js';
import type { VirtualTime } from '../virtual/virtual-time.js';
import type { Instance } from '../world/instance.js';
import type { CarryCall, StorageCall } from './storage-account.js';
import { aborted, noAnswer, storageFailure } from './storage-failure.js';

/** What befalls a call to the storage account. */
export type StorageFault =
  /** Nothing happens, and the service says so. */
  | { readonly kind: 'error'; readonly status: number; readonly code: string }
  /** No answer, whether it was done or not; the client has tried as often as it tries. */
  | { readonly kind: 'reset'; readonly isApplied: boolean }
  /** It was done and the answer lost: the client sends it again, and hears of the second. */
  | { readonly kind: 'sent-twice' }
  /** Until the caller gives up. */
  | { readonly kind: 'hang'; readonly isApplied: boolean }
  | { readonly kind: 'slow'; readonly ms: number };

/** What befalls this call; null where nothing does. */
export type StrikeStorage = (call: StorageCall) => StorageFault | null;

/** A round trip within a region. */
const [LEAST_MS, MOST_MS] = [1, 8];

/** The way of one instance to the storage account. */
export function carryCalls(
  instance: Instance,
  time: VirtualTime,
  random: Random,
  strike: StrikeStorage,
): CarryCall {
  return (call, apply) =>
    instance.gate(call.name, async () => {
      if (call.signal?.aborted === true) throw aborted();
      const trip = () => time.sleep(random.between(LEAST_MS, MOST_MS));
      await trip();
      const fault = strike(call);
      switch (fault?.kind) {
        case undefined: {
          const value = apply();
          await trip();
          return value;
        }
        case 'error':
          throw storageFailure(call.service, fault.status, fault.code);
        case 'reset':
          if (fault.isApplied) apply();
          throw noAnswer();
        case 'sent-twice': {
          apply();
          await time.sleep(300);
          return apply();
        }
        case 'hang':
          if (fault.isApplied) apply();
          return untilAborted(call.signal);
        case 'slow':
          await until(time, fault.ms, call.signal);
          return apply();
      }
    });
}

/** Rejects when the caller gives up; where nobody can, that is never. */
function untilAborted(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => {
    signal?.addEventListener('abort', () => {
      reject(aborted());
    });
  });
}

/** The call is on its way for so long; given up, it does not arrive. */
function until(time: VirtualTime, ms: number, signal: AbortSignal | undefined): Promise<unknown> {
  return Promise.race([time.sleep(ms), untilAborted(signal)]);
}
