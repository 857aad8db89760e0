import { loadApp } from '../local-host/app-loader.js';
import { provideFunctionsCore } from '../local-host/functions-core.js';

/** The names of the functions that the app in this folder registers, in the order of the alphabet. */
export async function functionsOf(directory: string): Promise<readonly string[]> {
  const core = provideFunctionsCore(() => undefined);
  try {
    const unload = await loadApp(directory, core, () => undefined);
    unload();
    return [...core.functions.values()].map(({ name }) => name).sort();
  } finally {
    core.remove();
  }
}
