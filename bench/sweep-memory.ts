import { subscriptionNumber } from './estate.js';
import type { Figure } from './figure.js';
import { openSweepLab, sweepOnce } from './sweep-lab.js';

const SUBSCRIPTIONS = Array.from({ length: 10 }, (_, i) => subscriptionNumber(i + 1));

/**
 * The most memory that the app's process held while it swept, at two sizes of the same mixture: in the first sweep of
 * an installation and, in a fresh process, in the next one, when everything is known. The worse of the two counts.
 */
export const sweepMemory: Figure = {
  keys: ['sweepRssRatio'],
  async measure({ isQuick, progress }) {
    const [small, large] = isQuick ? [1000, 5000] : [10_000, 100_000];
    const peaks = [await peaksOf(small, progress), await peaksOf(large, progress)] as const;
    const [less, more] = peaks;
    const [first, next] = [more.first.peakMiB / less.first.peakMiB, more.next.peakMiB / less.next.peakMiB];
    return {
      values: { sweepRssRatio: Math.max(first, next) },
      computedFrom: { ratioOfFirstSweeps: first, ratioOfNextSweeps: next, [small]: less, [large]: more },
      broken: isQuick ? ['--quick: smaller estates, which claim nothing'] : [],
    };
  },
};

interface Peak {
  readonly peakMiB: number;
  readonly sweepMs: number;
  readonly calls: number;
}

async function peaksOf(
  resources: number,
  progress: (line: string) => void,
): Promise<{ readonly first: Peak; readonly next: Peak }> {
  const each = resources / 2 / SUBSCRIPTIONS.length;
  progress(`memory: placing ${resources} resources`);
  const lab = await openSweepLab({
    subscriptions: SUBSCRIPTIONS,
    vaults: each,
    workflows: each,
    connections: 4,
  });
  try {
    const peakOf = async (which: string): Promise<Peak> => {
      const app = await lab.restartApp();
      progress(`memory: ${which} sweep of ${resources} resources`);
      const { ms, calls } = await sweepOnce(lab.azure, app);
      await app.settle();
      return { peakMiB: await app.peakMemory(), sweepMs: ms, calls };
    };
    return { first: await peakOf('first'), next: await peakOf('next') };
  } finally {
    await lab.close();
  }
}
