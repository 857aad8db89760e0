import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

/** Decisions and laws: they share what they import, which takes them longer to load than to run. */
const DECISIONS = [
  'azure',
  'delivery',
  'engine',
  'http',
  'remediators',
  'simulator',
  'template',
  'types',
  'vault',
  'workflow',
].map((folder) => `test/${folder}/**/*.test.ts`);

// Hosts, Azurite and the command line start hundreds of times, each compiling the same code: 8 % of all that is computed.
process.env.NODE_COMPILE_CACHE ??= join(import.meta.dirname, '.build/compile-cache');

export default defineConfig({
  test: {
    testTimeout: 30_000,
    hookTimeout: 120_000,
    // Whether something comes, not how soon: the machine may have other work.
    expect: { poll: { timeout: 15_000 } },
    // The scenarios wait for servers far longer than they compute: more at once than there are cores.
    maxWorkers: availableParallelism() + 4,
    // Without it Node.js tells every promise of every AsyncLocalStorage, which takes two thirds of a virtual hour.
    execArgv: ['--experimental-async-context-frame'],
    reporters: ['default'],
    projects: [
      { extends: true, test: { name: 'scenarios', include: ['test/**/*.test.ts'], exclude: DECISIONS } },
      { extends: true, test: { name: 'decisions', include: DECISIONS, isolate: false } },
    ],
  },
});
