/**
 * Every run tries the same inputs; `FUZZ_SEED` tries others, and `FUZZ_TIMES` that many times as many. fast-check prints
 * the seed with what failed.
 */
export function run(numRuns: number): { readonly seed: number; readonly numRuns: number } {
  const { FUZZ_SEED = '20261126', FUZZ_TIMES = '1' } = process.env;
  return { seed: Number(FUZZ_SEED), numRuns: Math.ceil(numRuns * Number(FUZZ_TIMES)) };
}
