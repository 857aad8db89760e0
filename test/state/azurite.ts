import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import type { TokenCredential } from '@azure/identity';
import { createStorageAccount, type StorageAccount } from '../../src/state/storage-account.js';

export interface Endpoints {
  readonly blob: string;
  readonly queue: string;
  readonly table: string;
}

export interface Azurite {
  /** Without a path, e.g. `http://127.0.0.1:40123`. */
  readonly endpoints: Endpoints;
  /** The connection string of an account that nobody has used yet; `through` replaces endpoints, e.g. by a proxy's. */
  newConnectionString(through?: Partial<Endpoints>): string;
  newAccount(through?: Partial<Endpoints>): StorageAccount;
  stop(): Promise<void>;
}

const KEY = randomBytes(32).toString('base64');
const ACCOUNTS = Array.from({ length: 1000 }, (_, i) => `account${i}`);
const SERVER = createRequire(__filename).resolve('azurite/dist/src/azurite.js');

/** A storage account server of its own, in memory, on ports that are free. */
export async function startAzurite(...options: readonly string[]): Promise<Azurite> {
  const ports = ['--blobPort', '0', '--queuePort', '0', '--tablePort', '0'];
  const flags = ['--inMemoryPersistence', '--skipApiVersionCheck', '--disableTelemetry', '--silent'];
  const child = spawn(process.execPath, [SERVER, ...flags, ...ports, ...options], {
    env: { ...process.env, AZURITE_ACCOUNTS: ACCOUNTS.map((name) => `${name}:${KEY}`).join(';') },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  process.once('exit', () => child.kill());
  const endpoints = await listening(child);
  const unused = [...ACCOUNTS];

  function newConnectionString(through: Partial<Endpoints> = {}): string {
    const { blob, queue, table } = { ...endpoints, ...through };
    const name = unused.pop();
    if (name === undefined) throw new Error('All of this Azurite’s accounts are in use.');
    return [
      `DefaultEndpointsProtocol=http`,
      `AccountName=${name}`,
      `AccountKey=${KEY}`,
      `BlobEndpoint=${blob}/${name}`,
      `QueueEndpoint=${queue}/${name}`,
      `TableEndpoint=${table}/${name}`,
    ].join(';');
  }

  return {
    endpoints,
    newConnectionString,
    newAccount: (through) => connect(newConnectionString(through)),
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

export function connect(connectionString: string): StorageAccount {
  return createStorageAccount({ kind: 'connection-string', connectionString }, NO_CREDENTIAL);
}

export const NO_CREDENTIAL: TokenCredential = {
  getToken: () => Promise.reject(new Error('No token is needed with a connection string.')),
};

/** Azurite says where each of its three servers listens, once it does. */
async function listening(child: ChildProcess): Promise<Endpoints> {
  if (child.stdout === null) throw new Error('Azurite has no output to read.');
  const found: string[] = [];
  const lines = createInterface({ input: child.stdout });
  for await (const line of lines) {
    const url = /successfully listening at (\S+)/.exec(line)?.[1];
    if (url !== undefined) found.push(url);
    const [blob, queue, table] = found;
    if (blob !== undefined && queue !== undefined && table !== undefined) {
      child.stdout.resume();
      return { blob, queue, table };
    }
  }
  throw new Error('Azurite ended before it listened.');
}
