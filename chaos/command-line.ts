import { parseArgs } from 'node:util';
import { availableParallelism } from 'node:os';

export interface ChaosOptions {
  /** Null: as many as each tier has by default. */
  readonly runs: number | null;
  readonly seed: number;
  readonly tiers: readonly (1 | 2)[];
  readonly isJson: boolean;
  readonly jobs: number;
}

/** What was asked for in a way that cannot be understood. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export const USAGE = `npm run chaos -- [--runs N] [--seed S] [--tier 1|2] [--jobs J] [--json]

  --runs   how many runs of each tier (1000 of tier one, 50 of tier two)
  --seed   the first run's seed; the next ones count on from there (1)
  --tier   only this tier
  --jobs   how many worker threads of tier one (as many as there are cores)
  --json   one JSON object instead of the table`;

export function readCommandLine(args: readonly string[]): ChaosOptions {
  const { values } = parsed(args);
  const tier = values.tier === undefined ? null : whole('--tier', values.tier, 1, 2);
  return {
    runs: values.runs === undefined ? null : whole('--runs', values.runs, 1, 10_000_000),
    seed: whole('--seed', values.seed ?? '1', 0, 2 ** 31),
    tiers: tier === null ? [1, 2] : [tier as 1 | 2],
    isJson: values.json === true,
    jobs: whole('--jobs', values.jobs ?? String(availableParallelism()), 1, 256),
  };
}

function parsed(args: readonly string[]) {
  const text = { type: 'string' } as const;
  try {
    return parseArgs({
      args: [...args],
      options: { runs: text, seed: text, tier: text, jobs: text, json: { type: 'boolean' } },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : 'It cannot be read.');
  }
}

function whole(name: string, value: string, least: number, most: number): number {
  const number = Number(value);
  if (/^\d+$/.test(value) && number >= least && number <= most) return number;
  throw new UsageError(`${name} takes a whole number from ${least} to ${most}, not ${value}.`);
}
