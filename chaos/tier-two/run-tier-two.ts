import { availableParallelism } from 'node:os';
import { startAzurite } from '../../local-host/azurite.js';
import type { RunOutcome } from '../run/run-outcome.js';
import { stormOver, type PassedStorm } from './process-run.js';

/** How many are under way at once; a judgement has one process, and mostly waits. */
const STORMS_AT_ONCE = 2 * availableParallelism();
const JUDGEMENTS_AT_ONCE = 4 * availableParallelism();
/** Azurite's well-known account and its key, which is no secret: the accounts of the runs have the same key. */
const ACCOUNT = 'devstoreaccount1';
const KEY = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';

/**
 * First all storms, some at a time, and then all judgements: what a killed process left behind needs two minutes until
 * the next one may settle it, and they pass while the other storms are under way. Each run has a storage account of
 * its own in one Azurite.
 */
export async function runTierTwo(
  seeds: readonly number[],
  onOutcome: (outcome: RunOutcome) => void,
): Promise<readonly RunOutcome[]> {
  const accountOf = (seed: number): string => `chaos${seed}`;
  process.env.AZURITE_ACCOUNTS = [ACCOUNT, ...seeds.map(accountOf)].map((name) => `${name}:${KEY}`).join(';');
  const azurite = await startAzurite();
  try {
    const storageOf = (seed: number): string => azurite.connectionString.replaceAll(ACCOUNT, accountOf(seed));
    const storms = await someAtOnce(seeds, STORMS_AT_ONCE, (seed) => stormOver(seed, storageOf(seed)));
    return await someAtOnce(storms, JUDGEMENTS_AT_ONCE, async ({ finish }: PassedStorm) => {
      const outcome = await finish();
      onOutcome(outcome);
      return outcome;
    });
  } finally {
    await azurite.close();
  }
}

async function someAtOnce<T, R>(
  items: readonly T[],
  atOnce: number,
  work: (item: T) => Promise<R>,
): Promise<readonly R[]> {
  const left = items.map((item, i) => ({ item, i }));
  const results: R[] = [];
  const take = async (): Promise<void> => {
    for (let next = left.shift(); next !== undefined; next = left.shift())
      results[next.i] = await work(next.item);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, take));
  return results;
}
