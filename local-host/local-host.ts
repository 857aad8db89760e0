import { resolve } from 'node:path';
import { loadApp } from './app-loader.js';
import { createDispatcher } from './dispatch.js';
import type { EventGridThrow } from './event-grid-trigger.js';
import { provideFunctionsCore } from './functions-core.js';
import type { HostKeys } from './host-keys.js';
import { createLog, describeError, type LogLevel } from './host-log.js';
import { readHostSettings } from './host-settings.js';
import { type HostedFunction, hostFunction } from './hosted-function.js';
import { serve } from './http-server.js';
import { createInvoker } from './invocation.js';
import { applySettings, chooseSettings } from './local-settings.js';
import type { Settings } from './setting-references.js';
import { shutDown } from './shut-down.js';

export interface LocalHostOptions {
  /** The directory of the compiled app, with its package.json and host.json. */
  readonly app: string;
  /** 7071 unless said otherwise; 0 is any free port. */
  readonly port?: number;
  readonly hostname?: string;
  /** Without keys everything is open. */
  readonly keys?: HostKeys;
  readonly eventGridThrow?: EventGridThrow;
  /** For how long a queue message is hidden whose function runs, before that is renewed: 600 unless said otherwise. */
  readonly messageLeaseSeconds?: number;
  /** App settings that go before the environment and local.settings.json, for as long as the host runs. */
  readonly settings?: Settings;
  readonly logLevel?: LogLevel;
  /** Where log lines go; stdout unless said otherwise. */
  readonly write?: (line: string) => void;
  /** How long `close` waits for running invocations: 30 s unless said otherwise. */
  readonly shutdownLimitMs?: number;
}

export interface LocalHost {
  readonly url: string;
  readonly functions: readonly string[];
  /** One line for each function that the app registered and that cannot run. */
  readonly errors: readonly string[];
  readonly close: () => Promise<void>;
}

/** Rejects if the app does not load or registers no function; there is one host per process at a time. */
export async function startLocalHost(options: LocalHostOptions): Promise<LocalHost> {
  const directory = resolve(options.app);
  const undo: (() => void)[] = [];
  try {
    undo.push(applySettings(chooseSettings(directory, process.env, options.settings)));
    const { extensions, logging } = readHostSettings(directory, process.env);
    const { routePrefix } = extensions.http;
    const write = options.write ?? ((line) => process.stdout.write(`${line}\n`));
    const log = createLog(write, options.logLevel ?? logging.logLevel.default);

    const core = provideFunctionsCore(log);
    undo.push(core.remove);
    undo.push(await loadApp(directory, core, log));

    const { invoke, idle } = createInvoker(core, log);
    const context = {
      settings: { ...process.env },
      queues: extensions.queues,
      messageLeaseSeconds: options.messageLeaseSeconds ?? 600,
      invoke,
      log,
    };
    const functions: HostedFunction[] = [];
    const errors: string[] = [];
    for (const registered of core.functions.values()) {
      try {
        functions.push(hostFunction(registered, context));
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        log('error', 'host', `The '${registered.name}' function is in error: ${why}`);
        errors.push(`The '${registered.name}' function is in error: ${why}`);
      }
    }

    const server = await serve({
      port: options.port ?? 7071,
      hostname: options.hostname ?? '127.0.0.1',
      log,
      handle: createDispatcher({
        functions,
        errors,
        routePrefix,
        keys: options.keys,
        onEventGridThrow: options.eventGridThrow ?? 'retried',
      }),
    });
    const listeners = functions.flatMap(({ listener, isDisabled }) =>
      listener && !isDisabled ? [listener] : [],
    );
    for (const listener of listeners) await listener.start();

    let closing: Promise<void> | undefined;
    return {
      url: server.url,
      functions: functions.map(({ registered }) => registered.name),
      errors,
      close: () =>
        (closing ??= shutDown({
          server,
          listeners,
          idle,
          core,
          log,
          limitMs: options.shutdownLimitMs ?? 30_000,
        })
          .catch((error: unknown) => {
            log('error', 'host', `Stopping failed: ${describeError(error)}`);
          })
          .finally(() => {
            undoAll(undo);
          })),
    };
  } catch (error) {
    undoAll(undo);
    throw error;
  }
}

function undoAll(steps: (() => void)[]): void {
  for (const step of steps.splice(0).reverse()) step();
}
