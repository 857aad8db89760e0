/** Every run tries the same inputs; `FUZZ_SEED` tries others. fast-check prints the seed with what failed. */
export const RUN = { seed: Number(process.env.FUZZ_SEED ?? '20261126') };
