import { INVARIANT_NAMES } from './invariants/invariant.js';
import type { RunOutcome } from './run/run-outcome.js';

/** What `--json` prints. */
export interface Report {
  readonly runs: number;
  readonly seed: number;
  readonly violations: number;
  readonly byInvariant: Readonly<Record<string, number>>;
  readonly byTier: Readonly<Record<string, number>>;
  readonly runsByFault: Readonly<Record<string, number>>;
  readonly failing: readonly { readonly tier: number; readonly seed: number; readonly repeat: string }[];
  readonly seconds: number;
}

export function reportOf(outcomes: readonly RunOutcome[], seed: number, seconds: number): Report {
  const all = outcomes.flatMap(({ violations }) => violations);
  const count = (names: readonly string[]): Readonly<Record<string, number>> => {
    const counts: Record<string, number> = {};
    for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
    return counts;
  };
  const none = Object.fromEntries(INVARIANT_NAMES.map((name) => [name, 0]));
  return {
    runs: outcomes.length,
    seed,
    violations: all.length,
    byInvariant: { ...none, ...count(all.map(({ invariant }) => invariant)) },
    byTier: count(outcomes.map(({ tier }) => String(tier))),
    runsByFault: count(outcomes.flatMap(({ faults }) => faults)),
    failing: outcomes
      .filter(({ violations }) => violations.length > 0)
      .map((outcome) => ({ tier: outcome.tier, seed: outcome.seed, repeat: repeatCommand(outcome) })),
    seconds: Math.round(seconds),
  };
}

/** Repeats one run alone. */
export function repeatCommand({ tier, seed }: Pick<RunOutcome, 'tier' | 'seed'>): string {
  return `npm run chaos -- --tier ${tier} --runs 1 --seed ${seed}`;
}

export function tableOf(report: Report): string {
  const faults = Object.entries(report.runsByFault).sort(([a], [b]) => (a < b ? -1 : 1));
  const tiers = Object.entries(report.byTier).map(
    ([tier, runs]) => `${runs} of tier ${tier === '1' ? 'one' : 'two'}`,
  );
  return [
    '',
    ...faults.map(([name, runs]) => `${name.padEnd(34)}${String(runs).padStart(6)} runs`),
    '',
    ...Object.entries(report.byInvariant).map(
      ([name, violations]) => `${name.padEnd(34)}${String(violations).padStart(6)} violations`,
    ),
    '',
    `${report.runs} runs (${tiers.join(', ')}) from seed ${report.seed} in ${report.seconds} s: ${report.violations} violations`,
  ].join('\n');
}

/** What a failing run has to say: what was violated, the story that led to it, and how to see it again. */
export function storyText(outcome: RunOutcome): string {
  return [
    '',
    `seed ${outcome.seed}: ${outcome.faults.join(', ')}`,
    ...outcome.violations.flatMap(({ invariant, about, what, story }) => [
      `  ${invariant}: ${about.split('/').at(-1) ?? ''}: ${what}`,
      ...story.map((line) => `    ${line}`),
    ]),
    `  again: ${repeatCommand(outcome)}`,
  ].join('\n');
}
