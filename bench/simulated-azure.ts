import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { readFileSync } from 'node:fs';
import type { JournalledRequest } from '../simulator/journal.js';
import type { SimulatorFacts } from '../simulator/simulator.js';

/** An Azure in a process of its own, driven over its control API: its work is not done in anybody else's process. */
export interface SimulatedAzure extends SimulatorFacts {
  /** PEM. */
  readonly certificate: string;
  readonly control: (method: string, path: string, body?: unknown) => Promise<unknown>;
  /** Puts whole documents into the estate, without rule or event. */
  readonly place: (documents: Iterable<object>) => Promise<void>;
  /** This moment, for `requests`. */
  readonly mark: () => Promise<number>;
  /** What came over the wire to ARM since then, and was answered. */
  readonly requests: (since: number, query?: string) => Promise<readonly JournalledRequest[]>;
  readonly close: () => Promise<void>;
}

export interface SimulatedAzureOptions {
  readonly subscriptions: readonly string[];
  /** Added to every request, in milliseconds. */
  readonly latencyMs: number;
  /** ARM's token buckets. */
  readonly throttling: boolean;
}

/** How many documents go into one request of the control API. */
const PLACED_AT_ONCE = 500;

export async function startSimulatedAzure(options: SimulatedAzureOptions): Promise<SimulatedAzure> {
  const child = spawn(
    process.execPath,
    [
      join(process.cwd(), '.build', 'simulator', 'main.js'),
      ...['--latency', String(options.latencyMs)],
      ...(options.throttling ? ['--throttling'] : []),
      ...options.subscriptions.flatMap((id) => ['--subscription', id]),
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  process.once('exit', () => child.kill('SIGKILL'));
  const exited = once(child, 'exit');
  const facts = await Promise.race([firstLine(child.stdout), exited.then(() => null)]);
  if (facts === null) throw new Error('The simulator ended before it was ready.');
  const control = clientOf(facts.controlUrl);
  return {
    ...facts,
    certificate: readFileSync(facts.certificatePath, 'utf8'),
    control,
    async place(documents) {
      let batch: object[] = [];
      for (const document of documents) {
        batch.push(document);
        if (batch.length < PLACED_AT_ONCE) continue;
        await control('POST', '/place', { documents: batch });
        batch = [];
      }
      if (batch.length > 0) await control('POST', '/place', { documents: batch });
    },
    mark: async () => ((await control('GET', '/journal')) as { mark: number }).mark,
    requests: async (since, query = '') =>
      (await control(
        'GET',
        `/journal/requests?origin=client&since=${since}${query}`,
      )) as readonly JournalledRequest[],
    close: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await exited;
    },
  };
}

async function firstLine(output: NodeJS.ReadableStream): Promise<SimulatorFacts> {
  return new Promise((resolve) => {
    createInterface({ input: output }).once('line', (line) => {
      resolve(JSON.parse(line) as SimulatorFacts);
    });
  });
}

function clientOf(controlUrl: string): SimulatedAzure['control'] {
  return async (method, path, body) => {
    const answer = await fetch(`${controlUrl}${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`The simulator's control API answered ${method} ${path} with ${text}`);
    return text === '' ? undefined : (JSON.parse(text) as unknown);
  };
}
