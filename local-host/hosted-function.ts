import { randomUUID } from 'node:crypto';
import { eventInput } from './event-grid-trigger.js';
import type { RegisteredFunction } from './functions-core.js';
import type { Log } from './host-log.js';
import type { QueueSettings } from './host-settings.js';
import { httpInput } from './http-trigger.js';
import type { InvocationResult, Invoke, TriggerInput } from './invocation.js';
import type { Listener } from './listener.js';
import { queueInput } from './queue-message.js';
import { listenToQueue } from './queue-trigger.js';
import type { Settings } from './setting-references.js';
import { connectToQueues } from './storage-connection.js';
import { createTimer } from './timer-trigger.js';
import { readTriggerBinding, type TriggerBinding } from './trigger-binding.js';

/** A registered function with what starts it. */
export interface HostedFunction {
  readonly registered: RegisteredFunction;
  readonly trigger: TriggerBinding;
  /** Switched off by the setting `AzureWebJobs.NAME.Disabled`: only the admin API runs it. */
  readonly isDisabled: boolean;
  readonly listener?: Listener;
  readonly run: (input: () => TriggerInput) => Promise<InvocationResult>;
  /** Runs the function as the admin API does, with a text in place of what would have triggered it. */
  readonly runDirectly: (input: string) => Promise<InvocationResult>;
}

export interface HostingContext {
  readonly settings: Settings;
  readonly queues: QueueSettings;
  readonly messageLeaseSeconds: number;
  readonly invoke: Invoke;
  readonly log: Log;
}

/** Throws where the function cannot be run here; the Functions host then runs the app's other functions. */
export function hostFunction(registered: RegisteredFunction, context: HostingContext): HostedFunction {
  const { settings, queues, messageLeaseSeconds, invoke, log } = context;
  const { name, metadata } = registered;
  const trigger = readTriggerBinding(metadata, settings);
  if (metadata.retryOptions)
    log('warning', name, 'The local host ignores the retry policy of this function.');

  const run = (input: () => TriggerInput) => invoke(registered, input);
  const isDisabled = /^(?:true|1)$/i.test(settings[`AzureWebJobs.${name}.Disabled`] ?? '');
  const common = { registered, trigger, isDisabled, run };

  switch (trigger.kind) {
    case 'http':
      return {
        ...common,
        runDirectly: (input) => run(() => directRequest(trigger.methods[0] ?? 'POST', input)),
      };
    case 'eventGrid':
      return { ...common, runDirectly: (input) => run(() => eventInput(JSON.parse(input))) };
    case 'timer': {
      const timer = createTimer({ ...trigger, run });
      return { ...common, listener: timer, runDirectly: () => timer.runNow() };
    }
    case 'queue': {
      const listener = listenToQueue({
        service: connectToQueues(trigger.connection, settings),
        queueName: trigger.queueName,
        settings: queues,
        leaseSeconds: messageLeaseSeconds,
        run,
        log: (level, message) => {
          log(level, name, message);
        },
      });
      return { ...common, listener, runDirectly: (input) => run(() => directMessage(input)) };
    }
  }
}

function directRequest(method: string, input: string): TriggerInput {
  const body = Buffer.from(input, 'utf8');
  const headers = new Map([
    ['content-type', 'application/json'],
    ['content-length', String(body.length)],
  ]);
  return httpInput({ method, url: new URL('http://localhost/'), headers, body }, {});
}

function directMessage(input: string): TriggerInput {
  const never = new Date('9999-12-31T23:59:59.999Z');
  const message = {
    messageId: randomUUID(),
    popReceipt: '',
    messageText: input,
    dequeueCount: 0,
    insertedOn: new Date(),
    expiresOn: never,
    nextVisibleOn: never,
  };
  return queueInput(message, input);
}
