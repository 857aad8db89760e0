import { createBareClient, fetchLists } from './bare-client.js';
import { subscriptionNumber, vaultId } from './estate.js';
import type { Figure } from './figure.js';
import { median } from './median.js';
import { fillBuckets, listsOf, openSweepLab, sweepOnce, type Swept } from './sweep-lab.js';

const SUBSCRIPTION = subscriptionNumber(1);
const MAX_SETTLING = 40;

/**
 * A sweep of an installation that has settled, against a bare client that fetches the same pages with as many lists
 * at once as the app had, in turn. Settled: an earlier sweep found nothing that was not known.
 */
export const compliantSweep: Figure = {
  keys: ['sweepExtraCalls', 'sweepTimeRatio'],
  async measure({ isQuick, progress }) {
    const [each, repetitions] = isQuick ? [1000, 2] : [10_000, 3];
    progress(`sweep: placing ${each} vaults and ${each} workflows`);
    const size = { subscriptions: [SUBSCRIPTION], vaults: each, workflows: each, connections: 40 };
    const { azure, restartApp, close } = await openSweepLab(size);
    try {
      const app = await restartApp();
      const bare = await createBareClient(azure);
      const fetchBare = async (
        concurrency: number,
      ): Promise<{ readonly ms: number; readonly pages: number }> => {
        await fillBuckets(azure);
        const startedAt = performance.now();
        const pages = await fetchLists(bare, listsOf(SUBSCRIPTION), concurrency);
        return { ms: performance.now() - startedAt, pages };
      };
      progress('sweep: the first');
      const first = await sweepOnce(azure, app);
      progress(`sweep: the first took ${Math.round(first.ms)} ms and ${first.calls} calls`);
      await app.settle();
      const { pages } = await fetchBare(1);

      // What is read of each vault once a day is read of so many vaults in each sweep, until all are known.
      await azure.control('PUT', '/latency', { minMs: 0, maxMs: 0 });
      let settling = 0;
      for (let last = first; last.ofOneResource > 0 && settling < MAX_SETTLING; settling += 1) {
        last = await sweepOnce(azure, app);
        progress(`sweep: settling, ${last.calls} calls in ${Math.round(last.ms)} ms`);
        await app.settle();
      }
      await azure.control('PUT', '/latency', { minMs: 100, maxMs: 100 });

      const sweeps: Swept[] = [];
      const bareMs: number[] = [];
      for (let i = 0; i < repetitions; i += 1) {
        const swept = await sweepOnce(azure, app);
        sweeps.push(swept);
        const fetched = await fetchBare(swept.mostAtOnce);
        bareMs.push(fetched.ms);
        progress(
          `sweep: ${Math.round(swept.ms)} ms and ${swept.calls} calls; bare ${Math.round(fetched.ms)} ms and ${fetched.pages} calls`,
        );
      }
      for (let i = 0; i < each; i += 100) {
        const path = vaultId(SUBSCRIPTION, i);
        const body = { tags: { owner: 'somebody-else' } };
        await azure.control('POST', '/act', { as: 'bob@contoso.com', method: 'PATCH', path, body });
      }
      const changed = await sweepOnce(azure, app);
      return {
        values: {
          sweepExtraCalls: Math.max(...sweeps.map(({ calls }) => calls)) - pages,
          sweepTimeRatio: median(sweeps.map(({ ms }) => ms)) / median(bareMs),
        },
        computedFrom: {
          vaults: each,
          workflows: each,
          listPages: pages,
          sweepMs: median(sweeps.map(({ ms }) => ms)),
          bareMs: median(bareMs),
          sweeps,
          bare: bareMs,
          firstSweep: first,
          sweepsUntilSettled: settling,
          sweepAfterOnePercentChanged: changed,
        },
        broken: isQuick ? ['--quick: a smaller estate, which claims nothing'] : [],
      };
    } finally {
      await close();
    }
  },
};
