import { fetchLists } from './bare-client.js';
import { subscriptionNumber, vaultId } from './estate.js';
import type { Bench, Figure } from './figure.js';
import { median } from './median.js';
import { fillBuckets, openSweepLab, sweepOnce, type SweepLab, type Swept } from './sweep-lab.js';
import { listsOf } from './sweep-lists.js';

const SUBSCRIPTION = subscriptionNumber(1);

/**
 * A sweep of an installation that has settled, against a bare client that fetches the same pages with as many lists
 * at once as the app had, in turn; and, so that it can be seen how an installation comes to be settled, a first sweep
 * of a small estate and the one after it.
 */
export const compliantSweep: Figure = {
  keys: ['sweepExtraCalls', 'sweepTimeRatio'],
  async measure(bench) {
    const small = await firstSweeps(bench);
    const { isQuick, progress } = bench;
    const [each, repetitions] = isQuick ? [1000, 2] : [10_000, 3];
    progress(`sweep: placing ${each} vaults and ${each} workflows`);
    const lab = await openSweepLab({
      subscriptions: [SUBSCRIPTION],
      vaults: each,
      workflows: each,
      connections: 40,
    });
    try {
      await lab.settle();
      const app = await lab.restartApp();
      progress('sweep: warming up');
      const pages = (await fetchBare(lab, 1)).pages;
      await sweepOnce(lab.azure, app);
      const sweeps: Swept[] = [];
      const bareMs: number[] = [];
      for (let i = 0; i < repetitions; i += 1) {
        const swept = await sweepOnce(lab.azure, app);
        sweeps.push(swept);
        const fetched = await fetchBare(lab, swept.mostAtOnce);
        bareMs.push(fetched.ms);
        progress(
          `sweep: ${Math.round(swept.ms)} ms and ${swept.calls} calls; bare ${Math.round(fetched.ms)} ms and ${fetched.pages} calls`,
        );
      }
      await changeOnePercent(lab, each);
      const changed = await sweepOnce(lab.azure, app);
      const storageRequests = await lab.storageRequests();
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
          sweepAfterOnePercentOfVaultsChanged: changed,
          storageRequestsOfOneSweep: storageRequests,
          small,
        },
        broken: isQuick ? ['--quick: a smaller estate, which claims nothing'] : [],
      };
    } finally {
      await lab.close();
    }
  },
};

async function fetchBare(
  { azure, bare }: SweepLab,
  concurrency: number,
): Promise<{ readonly ms: number; readonly pages: number }> {
  await fillBuckets(azure);
  const startedAt = performance.now();
  const pages = await fetchLists(bare, listsOf(SUBSCRIPTION), concurrency);
  return { ms: performance.now() - startedAt, pages };
}

/** Somebody sets a tag on each hundredth vault. */
async function changeOnePercent({ azure }: SweepLab, vaults: number): Promise<void> {
  for (let i = 0; i < vaults; i += 100) {
    const path = vaultId(SUBSCRIPTION, i);
    const body = { tags: { owner: 'somebody-else' } };
    await azure.control('POST', '/act', { as: 'bob@contoso.com', method: 'PATCH', path, body });
  }
}

interface FirstSweeps {
  readonly vaults: number;
  readonly workflows: number;
  readonly first: Swept;
  readonly second: Swept;
  readonly third: Swept;
}

async function firstSweeps({ progress }: Bench): Promise<FirstSweeps> {
  const each = 100;
  const lab = await openSweepLab({
    subscriptions: [SUBSCRIPTION],
    vaults: each,
    workflows: each,
    connections: 10,
  });
  try {
    const app = await lab.restartApp();
    const sweep = async (which: string): Promise<Swept> => {
      progress(`sweep: the ${which} of ${each} vaults and ${each} workflows`);
      const swept = await sweepOnce(lab.azure, app);
      await app.settle();
      return swept;
    };
    return {
      vaults: each,
      workflows: each,
      first: await sweep('first'),
      second: await sweep('second'),
      third: await sweep('third'),
    };
  } finally {
    await lab.close();
  }
}
