import { readCommandLine, USAGE, UsageError, type ChaosOptions } from './command-line.js';
import { reportOf, storyText, tableOf } from './report.js';
import { runAll } from './run/run-all.js';
import { runTierTwo } from './tier-two/run-tier-two.js';
import type { RunOutcome } from './run/run-outcome.js';

const RUNS_OF_TIER_ONE = 1000;
const RUNS_OF_TIER_TWO = 50;

/** Runs the storms that were asked for and says what held; 1 where something did not. */
async function main(options: ChaosOptions): Promise<number> {
  const startedAt = performance.now();
  const outcomes: RunOutcome[] = [];
  const tell = (outcome: RunOutcome): void => {
    if (outcome.violations.length > 0) console.error(storyText(outcome));
  };
  const seeds = (count: number): readonly number[] =>
    Array.from({ length: count }, (_, i) => options.seed + i);
  if (options.tiers.includes(1)) {
    outcomes.push(...(await runAll(seeds(options.runs ?? RUNS_OF_TIER_ONE), options.jobs, tell)));
  }
  if (options.tiers.includes(2)) {
    outcomes.push(...(await runTierTwo(seeds(options.runs ?? RUNS_OF_TIER_TWO), tell)));
  }
  const report = reportOf(outcomes, options.seed, (performance.now() - startedAt) / 1000);
  console.log(options.isJson ? JSON.stringify(report) : tableOf(report));
  return report.violations === 0 ? 0 : 1;
}

async function run(): Promise<number> {
  try {
    return await main(readCommandLine(process.argv.slice(2)));
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(`${error.message}\n\n${USAGE}`);
    return 2;
  }
}

// Ended from outside, it ends what it has started: that hangs on the exit.
process.once('SIGTERM', () => process.exit(143));
process.once('SIGINT', () => process.exit(130));
void run().then((code) => {
  process.exitCode = code;
});
