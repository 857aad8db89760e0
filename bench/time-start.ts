import { createRequire } from 'node:module';
import { provideFunctionsCore } from '../local-host/functions-core.js';

/** Requires an app's entry point as the Functions worker does, and prints how long that took and what it registered. */
const [entry = ''] = process.argv.slice(2);
const core = provideFunctionsCore(() => undefined);
const load = createRequire(entry);
const startedAt = performance.now();
load(entry);
const ms = performance.now() - startedAt;
process.stdout.write(JSON.stringify({ ms, functions: core.functions.size }));
