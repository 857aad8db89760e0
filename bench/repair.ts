import { setTimeout as pause } from 'node:timers/promises';
import { subscriptionNumber } from './estate.js';
import type { Figure } from './figure.js';
import { spanOf } from './request-span.js';
import { countByKind, fillBuckets, openSweepLab } from './sweep-lab.js';

const SUBSCRIPTION = subscriptionNumber(1);
/** What ARM lets one caller write to a subscription: simulator/throttling.ts has the source. */
const BUCKET = { capacity: 200, refillPerSecond: 10 };
const LIMIT_MS = 300_000;

/**
 * Vaults that all stand open, in one subscription, found by one sweep and shut by one host: the time until the last
 * of them is shut, against the time that ARM's bucket for writes allows; and how many requests ARM throttled.
 */
export const repair: Figure = {
  keys: ['repairTimeRatio', 'throttledShare'],
  async measure({ isQuick, progress }) {
    const vaults = isQuick ? 300 : 1000;
    progress(`repair: placing ${vaults} open vaults`);
    const lab = await openSweepLab({
      subscriptions: [SUBSCRIPTION],
      vaults,
      workflows: 200,
      connections: 40,
      isOpen: true,
    });
    try {
      const app = await lab.restartApp({ HOLDFAST_MAX_CHANGES: '100000' });
      await fillBuckets(lab.azure);
      const since = await lab.azure.mark();
      const startedAt = Date.now();
      await app.sweep();
      const written = async (): Promise<number> =>
        ((await lab.azure.control('GET', `/journal/changes?since=${since}`)) as readonly unknown[]).length;
      for (let done = 0; done < vaults && Date.now() - startedAt < LIMIT_MS; done = await written()) {
        progress(`repair: ${done} of ${vaults} after ${Math.round((Date.now() - startedAt) / 1000)} s`);
        await pause(2000);
      }
      const requests = await lab.azure.requests(since);
      const writes = requests.filter(({ changed }) => changed);
      const lastAt = Math.max(...writes.map((write) => spanOf(write).end));
      const throttled = requests.filter(({ status }) => status === 429).length;
      const allowedMs = (Math.max(0, vaults - BUCKET.capacity) / BUCKET.refillPerSecond) * 1000;
      return {
        values: {
          repairTimeRatio: (lastAt - startedAt) / allowedMs,
          throttledShare: throttled / requests.length,
        },
        computedFrom: {
          vaults,
          repairMs: lastAt - startedAt,
          bucketAllowsMs: allowedMs,
          writes: writes.length,
          requests: requests.length,
          throttled,
          byKind: countByKind(requests),
          firstWriteAfterMs: Math.min(...writes.map((write) => spanOf(write).start)) - startedAt,
        },
        broken: [
          ...(writes.length < vaults
            ? [`${vaults - writes.length} vaults were not repaired in ${LIMIT_MS / 1000} s`]
            : []),
          ...(isQuick ? ['--quick: fewer vaults, which claims nothing'] : []),
        ],
      };
    } finally {
      await lab.close();
    }
  },
};
