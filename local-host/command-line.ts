import { parseArgs } from 'node:util';
import type { EventGridThrow } from './event-grid-trigger.js';
import { readHostKeys } from './host-keys.js';
import type { LocalHostOptions } from './local-host.js';

export const usage = `Usage: node main.js [--app DIR] [--port N] [--hostname NAME] [--keys FILE]
                    [--event-grid-throw lost|retried] [--message-lease SECONDS] [--verbose]`;

/** Throws, saying what to write instead, for an option it does not know. */
export function readCommandLine(args: readonly string[]): LocalHostOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      app: { type: 'string', default: '.' },
      port: { type: 'string', default: '7071' },
      hostname: { type: 'string', default: '127.0.0.1' },
      keys: { type: 'string' },
      'event-grid-throw': { type: 'string', default: 'retried' },
      'message-lease': { type: 'string', default: '600' },
      verbose: { type: 'boolean', default: false },
    },
  });
  const port = Number(values.port);
  if (!/^\d{1,5}$/.test(values.port) || port > 65_535) {
    throw new Error(`--port must be 0 to 65535, and is ${values.port}.`);
  }
  const eventGridThrow = values['event-grid-throw'];
  if (!isEventGridThrow(eventGridThrow)) {
    throw new Error(`--event-grid-throw must be lost or retried, and is ${eventGridThrow}.`);
  }
  const messageLeaseSeconds = Number(values['message-lease']);
  if (!/^[1-9]\d{0,5}$/.test(values['message-lease'])) {
    throw new Error(`--message-lease must be a whole number of seconds, and is ${values['message-lease']}.`);
  }
  return {
    app: values.app,
    port,
    hostname: values.hostname,
    eventGridThrow,
    messageLeaseSeconds,
    ...(values.keys === undefined ? {} : { keys: readHostKeys(values.keys) }),
    ...(values.verbose ? { logLevel: 'debug' } : {}),
  };
}

function isEventGridThrow(text: string): text is EventGridThrow {
  return text === 'lost' || text === 'retried';
}
