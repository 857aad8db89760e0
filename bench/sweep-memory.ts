import { subscriptionNumber } from './estate.js';
import type { Figure } from './figure.js';
import { openSweepLab, sweepOnce } from './sweep-lab.js';

const SUBSCRIPTIONS = Array.from({ length: 10 }, (_, i) => subscriptionNumber(i + 1));

/** The most memory that a fresh process of the app held while it swept, at two sizes of the same mixture. */
export const sweepMemory: Figure = {
  keys: ['sweepRssRatio'],
  async measure({ isQuick, progress }) {
    const [small, large] = isQuick ? [1000, 5000] : [10_000, 100_000];
    const less = await peakAt(small, progress);
    const more = await peakAt(large, progress);
    const notSettled = less.ofOneResource + more.ofOneResource;
    return {
      values: { sweepRssRatio: more.peakMiB / less.peakMiB },
      computedFrom: { [small]: less, [large]: more },
      broken: [
        ...(notSettled > 0
          ? [`${notSettled} calls about single resources: the installation was not settled`]
          : []),
        ...(isQuick ? ['--quick: smaller estates, which claim nothing'] : []),
      ],
    };
  },
};

interface Peak {
  readonly peakMiB: number;
  readonly peakAtStartMiB: number;
  readonly sweepMs: number;
  readonly calls: number;
  readonly ofOneResource: number;
}

async function peakAt(resources: number, progress: (line: string) => void): Promise<Peak> {
  const each = resources / 2 / SUBSCRIPTIONS.length;
  progress(`memory: placing ${resources} resources`);
  const lab = await openSweepLab({
    subscriptions: SUBSCRIPTIONS,
    vaults: each,
    workflows: each,
    connections: 4,
  });
  try {
    await lab.settle();
    const app = await lab.restartApp();
    const peakAtStartMiB = await app.peakMemory();
    progress(`memory: sweeping ${resources} resources`);
    const { ms, calls, ofOneResource } = await sweepOnce(lab.azure, app);
    return { peakMiB: await app.peakMemory(), peakAtStartMiB, sweepMs: ms, calls, ofOneResource };
  } finally {
    await lab.close();
  }
}
