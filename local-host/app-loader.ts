import { globSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { z } from 'zod';
import type { FunctionsCore } from './functions-core.js';
import { describeError, type Log } from './host-log.js';

const packageShape = z.object({ main: z.string().min(1).optional(), type: z.string().optional() });

/**
 * Requires every file that package.json `main` names, which registers the app's functions, and closes registration;
 * returns what makes Node.js forget those modules again. Where the worker stops at the first module that throws, this
 * reports them all.
 */
export async function loadApp(directory: string, core: FunctionsCore, log: Log): Promise<() => void> {
  const files = findEntryPoints(directory);
  const requireFromApp = createRequire(join(directory, 'package.json'));
  const loadedBefore = new Set(Object.keys(requireFromApp.cache));
  const entries = files.map((file) => requireFromApp.resolve(join(directory, file)));
  let loaded: readonly string[] = [];
  const unload = () => {
    for (const module of [...loaded, ...loadedBy(entries, requireFromApp.cache)]) {
      if (!loadedBefore.has(module)) Reflect.deleteProperty(requireFromApp.cache, module);
    }
  };

  const failed: string[] = [];
  for (const file of files) {
    log('debug', 'host', `Loading ${file}`);
    try {
      requireFromApp(join(directory, file));
    } catch (error) {
      log('error', 'host', `${file} threw while it was loaded: ${describeError(error)}`);
      failed.push(`${file} threw while it was loaded: ${describeError(error)}`);
    }
  }
  loaded = Object.keys(requireFromApp.cache);

  try {
    if (failed.length > 0) throw new Error(failed.join('\n'));
    await core.runHooks('appStart', {
      hookData: {},
      appHookData: core.appHookData,
      functionAppDirectory: directory,
    });
    core.finishStartup();
    if (core.functions.size === 0) throw new Error(noFunctions(directory, files));
    await refuseHttpStreams(core);
  } catch (error) {
    unload();
    throw error;
  }
  return unload;
}

/** The entry points and all that they have loaded, when they were or since. */
function loadedBy(entries: readonly string[], cache: NodeJS.Require['cache']): ReadonlySet<string> {
  const found = new Set(entries);
  for (const id of found) for (const child of cache[id]?.children ?? []) found.add(child.id);
  return found;
}

function findEntryPoints(directory: string): string[] {
  const { main, type } = packageShape.parse(
    JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')),
  );
  if (main === undefined) {
    throw new Error(
      `${join(directory, 'package.json')} has no "main", so the Functions host would load nothing.`,
    );
  }
  const files = globSync(main, { cwd: directory }).sort();
  if (files.length === 0) {
    throw new Error(`No file in ${directory} matches "${main}" (package.json "main"). Is the app built?`);
  }
  const modules = files.filter(
    (file) => file.endsWith('.mjs') || (type === 'module' && !file.endsWith('.cjs')),
  );
  if (modules.length > 0) {
    throw new Error(`The local host loads CommonJS, and ${modules.join(', ')} would be an ES module.`);
  }
  return files;
}

function noFunctions(directory: string, files: readonly string[]): string {
  return (
    `The app in ${directory} registers no functions, though ${files.join(', ')} loaded. ` +
    'In Azure it would start with zero functions and without an error.'
  );
}

/** The library's getCapabilities also locks `app.setup` (ProgrammingModel.ts); only HTTP streaming adds `HttpUri`. */
async function refuseHttpStreams(core: FunctionsCore): Promise<void> {
  const capabilities = await core.programmingModel()?.getCapabilities?.({});
  if (capabilities?.['HttpUri'] !== undefined) {
    throw new Error('The app turns on enableHttpStream, which the local host does not run.');
  }
}
