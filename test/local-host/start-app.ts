import { rmSync } from 'node:fs';
import { type LocalHostOptions, startLocalHost } from '../../local-host/local-host.js';
import { writeApp } from './functions-app.js';
import { createLineWatcher } from './line-watcher.js';

const cleanups: (() => unknown)[] = [];

/** Starts a host in this process on an app of the given files; `closeApps` ends it. */
export async function startApp(files: Record<string, string>, options: Partial<LocalHostOptions> = {}) {
  const app = writeApp(files);
  cleanups.push(() => {
    rmSync(app, { recursive: true });
  });
  const logged = createLineWatcher();
  const host = await startLocalHost({ app, port: 0, write: logged.write, logLevel: 'trace', ...options });
  cleanups.push(host.close);
  return { host, logged };
}

export async function closeApps(): Promise<void> {
  for (const cleanUp of cleanups.splice(0).reverse()) await cleanUp();
}

/** The text of a module that registers an HTTP function. */
export function httpFunction(name: string, handler: string): string {
  return `require('@azure/functions').app.http('${name}', { authLevel: 'anonymous', handler: ${handler} });`;
}
