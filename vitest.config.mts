import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 120_000,
    // The scenarios wait for servers about as much as they compute: three at once also on two cores.
    maxWorkers: Math.max(3, availableParallelism() - 1),
    // Without it Node.js tells every promise of every AsyncLocalStorage, which takes two thirds of a virtual hour.
    execArgv: ['--experimental-async-context-frame'],
    reporters: ['default'],
  },
});
