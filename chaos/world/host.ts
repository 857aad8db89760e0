import { EventGridDeserializer } from '@azure/eventgrid';
import type { CallWebhook, WebhookAnswer } from '../../simulator/event-grid/webhook.js';
import type { Random } from '../../simulator/random.js';
import { readChangeEvent } from '../../src/app.js';
import type { Engine } from '../../src/engine/engine.js';
import type { QueuedMessage } from '../storage/queue-state.js';
import type { StorageState } from '../storage/storage-state.js';
import type { VirtualTime } from '../virtual/virtual-time.js';
import type { Instance } from './instance.js';

/** An instance of the app with its engine. */
export interface RunningApp {
  readonly instance: Instance;
  readonly engine: Engine;
}

/** One run of a function, once it is over; one that was killed is not. */
export interface Invocation {
  readonly instance: string;
  readonly kind: 'event' | 'message' | 'sweep' | 'request';
  readonly startedAt: number;
  readonly endedAt: number;
  /** The event's resource. */
  readonly resourceUri: string | null;
  /** `queued`: what was asked for is still to be done. */
  readonly result: 'done' | 'queued' | 'failed';
}

/** What the functions came to: told to whoever watches. */
export interface HostWatcher {
  readonly onInvoked: (invocation: Invocation) => void;
  readonly onError: (what: string, error: unknown) => void;
}

export interface HostOptions {
  /** What Event Grid is told of a handler that failed: an error, or nothing (azure-functions-eventgrid-extension#35). */
  readonly failedEventIs: 'retried' | 'lost';
  /** Whether the host cannot reach the queue now. */
  readonly isQueueDown: () => boolean;
}

export interface Host {
  readonly apps: readonly RunningApp[];
  /** Takes a new instance into service: it is given events and takes messages. */
  readonly add: (app: RunningApp) => void;
  readonly callWebhook: CallWebhook;
  /** Runs the timer's function on one of the instances that live. Rejects where it fails. */
  readonly sweep: () => Promise<void>;
  /** Has one of the instances that live answer a request over HTTP. Rejects where it fails. */
  readonly ask: <T>(work: (engine: Engine) => Promise<T>) => Promise<T>;
  /** How many functions are under way in instances that live. */
  readonly busy: () => number;
  readonly stop: () => void;
}

/*
 * host.json of the app, and the Functions host's own rules:
 * https://learn.microsoft.com/azure/azure-functions/functions-bindings-storage-queue-trigger
 */
const BATCH = 8;
const NEW_BATCH_BELOW = 4;
const MOST_DEQUEUES = 5;
const RETRY_SECONDS = 10;
const TAKEN_SECONDS = 600;
const QUEUE = 'reconcile';
const LONGEST_POLL_MS = 60_000;

const deserializer = new EventGridDeserializer();

/** The Functions host, as far as the app can tell: events, the queue and the timer, over several instances. */
export function createHost(
  time: VirtualTime,
  random: Random,
  storage: StorageState,
  options: HostOptions,
  watcher: HostWatcher,
): Host {
  const apps: RunningApp[] = [];
  let busy = 0;
  let isStopped = false;

  const living = (): readonly RunningApp[] => apps.filter(({ instance }) => !instance.isDead);

  /** Runs a function on an instance; rejects when the instance dies. */
  async function invoke<T>({ instance }: RunningApp, work: () => Promise<T>): Promise<T> {
    busy += 1;
    const death = new Promise<never>((_, reject) => {
      instance.onDeath(() => {
        reject(new Error(`${instance.name} was killed.`));
      });
    });
    death.catch(() => undefined);
    try {
      return await Promise.race([time.as(instance, work), death]);
    } finally {
      busy -= 1;
    }
  }

  /** As {@link invoke}, and tells of it. */
  async function invokeTold<T>(
    app: RunningApp,
    about: Pick<Invocation, 'kind' | 'resourceUri'>,
    work: () => Promise<T>,
    resultOf: (value: T) => Invocation['result'] = () => 'done',
  ): Promise<T> {
    const startedAt = time.now();
    const tell = (result: Invocation['result']): void => {
      watcher.onInvoked({ ...about, instance: app.instance.name, startedAt, endedAt: time.now(), result });
    };
    try {
      const value = await invoke(app, work);
      tell(resultOf(value));
      return value;
    } catch (error) {
      if (!app.instance.isDead) tell('failed');
      throw error;
    }
  }

  async function deliver(app: RunningApp, body: string): Promise<number> {
    const [event] = JSON.parse(body) as readonly { data?: { resourceUri?: string } }[];
    const about = { kind: 'event', resourceUri: event?.data?.resourceUri ?? null } as const;
    const handle = async () => {
      const [envelope] = await deserializer.deserializeEventGridEvents({ ...event });
      const change = readChangeEvent(envelope?.eventType, envelope?.data, envelope?.eventTime ?? null);
      return change === null ? { kind: 'handled' as const } : app.engine.handleChange(change);
    };
    try {
      await invokeTold(app, about, handle, ({ kind }) => (kind === 'queued' ? 'queued' : 'done'));
      return 200;
    } catch (error) {
      if (app.instance.isDead) throw error;
      watcher.onError('resourceChanged', error);
      return options.failedEventIs === 'retried' ? 500 : 202;
    }
  }

  const callWebhook: CallWebhook = async (request): Promise<WebhookAnswer> => {
    const [first] = JSON.parse(request.body) as readonly { data?: { validationCode?: string } }[];
    if (request.headers['aeg-event-type'] === 'SubscriptionValidation') {
      return {
        status: 200,
        headers: {},
        body: JSON.stringify({ validationResponse: first?.data?.validationCode }),
      };
    }
    const app = pick(random, living());
    if (app === undefined) throw new Error('connect ECONNREFUSED');
    const timeout = new Promise<never>((_, reject) => {
      time.set(() => {
        reject(new Error(`No answer within ${request.timeoutMs} ms.`));
      }, request.timeoutMs);
    });
    timeout.catch(() => undefined);
    return { status: await Promise.race([deliver(app, request.body), timeout]), headers: {}, body: '' };
  };

  /** Takes messages for one instance as long as it lives. */
  async function poll(app: RunningApp): Promise<void> {
    const { instance } = app;
    const queue = storage.queue(QUEUE);
    let underWay = 0;
    let wait = 100;
    while (!instance.isDead && !isStopped) {
      const taken =
        underWay < NEW_BATCH_BELOW && queue.exists && !options.isQueueDown()
          ? queue.receive(BATCH, TAKEN_SECONDS)
          : [];
      for (const message of taken) {
        underWay += 1;
        void handle(app, message).finally(() => {
          underWay -= 1;
        });
      }
      wait = taken.length > 0 ? 100 : nextPoll(queue.nextAt(), underWay, wait);
      await time.sleep(wait + random.between(0, 20));
    }
  }

  function nextPoll(nextAt: number | null, underWay: number, before: number): number {
    if (underWay >= NEW_BATCH_BELOW) return 200;
    const longer = Math.min(LONGEST_POLL_MS, before * 2);
    // The host polls ever more rarely; here it comes when there is something, which spares the polls between.
    return nextAt === null ? longer : Math.max(20, Math.min(longer, nextAt - time.now()));
  }

  async function handle(app: RunningApp, message: QueuedMessage): Promise<void> {
    const queue = storage.queue(QUEUE);
    try {
      const about = { kind: 'message', resourceUri: null } as const;
      await invokeTold(app, about, () => app.engine.reconcile(parsed(message.text)));
      await settle(app, 'delete message', () => {
        queue.delete(message);
      });
    } catch (error) {
      // What a killed instance has taken comes again when its hold on it ends.
      if (app.instance.isDead) return;
      watcher.onError('reconcile', error);
      await settle(app, 'return message', () => {
        if (message.dequeueCount >= MOST_DEQUEUES) {
          const poison = storage.queue(`${QUEUE}-poison`);
          poison.createIfNotExists();
          poison.send(message.text, 0);
          queue.delete(message);
        } else {
          queue.hide(message, RETRY_SECONDS);
        }
      });
    }
  }

  /** What the host tells the queue; where it cannot, the message comes again later. */
  async function settle({ instance }: RunningApp, name: string, work: () => void): Promise<void> {
    await instance.gate(name, async () => {
      await time.sleep(2);
      if (options.isQueueDown()) return;
      try {
        work();
      } catch (error) {
        // Somebody else has taken it since: it is theirs.
        watcher.onError(name, error);
      }
    });
  }

  return {
    apps,
    add: (app) => {
      apps.push(app);
      void poll(app);
    },
    callWebhook,
    sweep: async () => {
      const app = pick(random, living());
      if (app === undefined) throw new Error('No instance lives.');
      await invokeTold(app, { kind: 'sweep', resourceUri: null }, () => app.engine.sweep());
    },
    ask: async (work) => {
      const app = pick(random, living());
      if (app === undefined) throw new Error('connect ECONNREFUSED');
      return invokeTold(app, { kind: 'request', resourceUri: null }, () => work(app.engine));
    },
    busy: () => busy,
    stop: () => {
      isStopped = true;
    },
  };
}

function pick<T>(random: Random, from: readonly T[]): T | undefined {
  return from[Math.floor(random.next() * from.length)];
}

function parsed(text: string): unknown {
  return JSON.parse(Buffer.from(text, 'base64').toString('utf8'));
}
