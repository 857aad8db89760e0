import type { FunctionsCore } from './functions-core.js';
import type { Log } from './host-log.js';
import type { HostServer } from './http-server.js';
import type { Listener } from './listener.js';

export interface Running {
  readonly server: HostServer;
  readonly listeners: readonly Listener[];
  readonly idle: () => Promise<void>;
  readonly core: FunctionsCore;
  readonly log: Log;
  readonly limitMs: number;
}

/** Takes nothing new, lets what runs end, and past the limit gives it back. */
export async function shutDown({ server, listeners, idle, core, log, limitMs }: Running): Promise<void> {
  log('information', 'host', 'Stopping: what runs may end, nothing new starts.');
  const ended = Promise.all([server.close(), ...listeners.map((listener) => listener.stop()), idle()]);
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => {
      resolve('late');
    }, limitMs);
  });
  const outcome = await Promise.race([ended, limit]);
  clearTimeout(timer);
  if (outcome === 'late') {
    log(
      'warning',
      'host',
      `Some invocations still run after ${limitMs} ms: their queue messages are given back.`,
    );
    await Promise.all(listeners.map((listener) => listener.release()));
  }
  server.abort();
  await core.runHooks('appTerminate', { hookData: {}, appHookData: core.appHookData });
}
