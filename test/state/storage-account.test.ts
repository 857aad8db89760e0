import { createServer } from 'node:net';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import tls from 'node:tls';
import { inspect } from 'node:util';
import { AzureNamedKeyCredential, generateAccountSas } from '@azure/data-tables';
import { generate } from 'selfsigned';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { NO_MEMORY } from '../../src/engine/ports/memory.js';
import { createLeases } from '../../src/state/leases.js';
import { createMemory } from '../../src/state/memory.js';
import { createReconcileQueue } from '../../src/state/reconcile-queue.js';
import { createStorageAccount, type StorageAccount } from '../../src/state/storage-account.js';
import { parseResourceId } from '../../src/types/resource-id.js';
import { connect, NO_CREDENTIAL, startAzurite, type Azurite } from './azurite.js';
import { vaultIdOf } from './records.js';

const ID = parseResourceId(vaultIdOf('kv-one'));
const KEY = Buffer.alloc(32, 7).toString('base64');

/** One call to each of the three services. */
function calls(account: StorageAccount): readonly (() => Promise<unknown>)[] {
  const message = {
    v: 1,
    resourceId: ID.id,
    correlationId: 'c',
    trigger: 'cli',
    actor: null,
    remediators: null,
    askedForByName: true,
    attempt: 0,
  } as const;
  return [
    () => createMemory(account).write(ID, NO_MEMORY),
    () => createLeases(account).withLease(ID, () => Promise.resolve()),
    () => createReconcileQueue(account).send(message, 0),
  ];
}

/** All that anybody could print of what these reject with. */
async function complaints(all: readonly (() => Promise<unknown>)[]): Promise<string> {
  const errors: unknown[] = [];
  for (const call of all) {
    await Promise.resolve()
      .then(call)
      .catch((error: unknown) => errors.push(error));
  }
  expect(errors).toHaveLength(all.length);
  return errors
    .map((error) => `${String(error)} ${inspect(error, { depth: 8 })} ${JSON.stringify(error)}`)
    .join('\n');
}

/** Where nobody listens: a port that was free a moment ago. */
async function deadEndpoint(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/a`;
}

function endpointsAt(url: string): string {
  return `BlobEndpoint=${url};QueueEndpoint=${url};TableEndpoint=${url}`;
}

describe('a storage account', () => {
  test('that is down fails within seconds, and connects to nothing before it is used', async () => {
    const account = connect(
      `DefaultEndpointsProtocol=http;AccountName=a;AccountKey=${KEY};${endpointsAt(await deadEndpoint())}`,
    );
    for (const call of calls(account)) {
      const start = performance.now();
      await expect(call()).rejects.toThrow('ECONNREFUSED');
      expect(performance.now() - start).toBeLessThan(5000);
    }
  });

  test('gives the same client for the same name', () => {
    const account = connect('UseDevelopmentStorage=true');
    expect(account.table('A')).toBe(account.table('A'));
    expect(account.table('A')).not.toBe(account.table('B'));
    expect(account.queue('a')).toBe(account.queue('a'));
    expect(account.container('a')).toBe(account.container('a'));
  });
});

describe('no secret is in what is said', () => {
  test.each([
    ['a connection string that is none', `secret=${KEY}`],
    [
      'endpoints that are none',
      `AccountName=a;AccountKey=${KEY};DefaultEndpointsProtocol=http;${endpointsAt('no url')}`,
    ],
    ['a signature at endpoints that are none', `SharedAccessSignature=sv=1&sig=${KEY};${endpointsAt('::')}`],
  ])('of %s', async (_name, connectionString) => {
    const said = await complaints(calls(connect(connectionString)));
    expect(said).toContain('AzureWebJobsStorage is not a connection string');
    expect(said).not.toContain(KEY.slice(0, 20));
  });

  test('of a signature that nobody takes', async () => {
    const said = await complaints(
      calls(connect(`SharedAccessSignature=sv=2024-08-04&sig=${KEY};${endpointsAt(await deadEndpoint())}`)),
    );
    expect(said).toContain('ECONNREFUSED');
    expect(said).not.toContain(KEY.slice(0, 20));
  });
});

describe('with a shared access signature', () => {
  let azurite: Azurite;
  beforeAll(async () => {
    azurite = await startAzurite();
  });
  afterAll(() => azurite.stop());

  function withSignature(permissions: { readonly [permission: string]: boolean }): {
    account: StorageAccount;
    sig: string;
  } {
    const parts = new Map(
      azurite
        .newConnectionString()
        .split(';')
        .map((part) => [part.slice(0, part.indexOf('=')), part.slice(part.indexOf('=') + 1)]),
    );
    const credential = new AzureNamedKeyCredential(
      parts.get('AccountName') ?? '',
      parts.get('AccountKey') ?? '',
    );
    const sas = generateAccountSas(credential, {
      expiresOn: new Date(Date.now() + 3_600_000),
      permissions,
      services: { blob: true, queue: true, table: true },
      resourceTypes: 'sco',
    });
    const endpoints = ['BlobEndpoint', 'QueueEndpoint', 'TableEndpoint'].map(
      (name) => `${name}=${parts.get(name) ?? ''}`,
    );
    return {
      account: connect([...endpoints, `SharedAccessSignature=${sas}`].join(';')),
      sig: new URLSearchParams(sas).get('sig') ?? '',
    };
  }

  test('everything works', async () => {
    const { account } = withSignature({
      query: true,
      write: true,
      delete: true,
      list: true,
      add: true,
      create: true,
      update: true,
    });
    for (const call of calls(account)) await call();
    await expect(createMemory(account).read(ID)).resolves.toEqual(NO_MEMORY);
  });

  test('that allows too little, the error names the lack and not the signature', async () => {
    const { account, sig } = withSignature({ query: true });
    const said = await complaints(calls(account));
    expect(said).toContain('403');
    expect(sig.length).toBeGreaterThan(20);
    for (const form of [sig, encodeURIComponent(sig)]) expect(said).not.toContain(form);
  });
});

describe('with an identity', () => {
  let azurite: Azurite;
  let folder: string;
  const trusted = tls.getCACertificates('default');
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'holdfast-'));
    const made = await generate([{ name: 'commonName', value: '127.0.0.1' }], {
      extensions: [
        { name: 'basicConstraints', cA: true },
        { name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] },
      ],
    });
    const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
    await writeFile(cert, made.cert);
    await writeFile(key, made.private);
    tls.setDefaultCACertificates([...trusted, made.cert]);
    azurite = await startAzurite('--oauth', 'basic', '--cert', cert, '--key', key);
  });
  afterAll(async () => {
    tls.setDefaultCACertificates(trusted);
    await azurite.stop();
    await rm(folder, { recursive: true });
  });

  function accountWith(token: string): StorageAccount {
    const name = /AccountName=([^;]+)/.exec(azurite.newConnectionString())?.[1] ?? '';
    const { blob, queue, table } = azurite.endpoints;
    return createStorageAccount(
      {
        kind: 'identity',
        blobServiceUri: `${blob}/${name}/`,
        queueServiceUri: `${queue}/${name}`,
        tableServiceUri: `${table}/${name}/`,
      },
      { getToken: () => Promise.resolve({ token, expiresOnTimestamp: Date.now() + 3_600_000 }) },
    );
  }

  /** Azurite looks at what a token says, not at who signed it. */
  function tokenFor(audience: string): string {
    const now = Math.floor(Date.now() / 1000);
    const claims = {
      aud: audience,
      iss: 'https://sts.windows.net/00000000-0000-4000-8000-000000000000/',
      iat: now - 60,
      nbf: now - 60,
      exp: now + 3600,
    };
    const encoded = [{ alg: 'none', typ: 'JWT' }, claims].map((part) =>
      Buffer.from(JSON.stringify(part)).toString('base64url'),
    );
    return [...encoded, 'c2lnbmF0dXJl'].join('.');
  }

  test('everything works, whether the addresses end in a slash or not', async () => {
    const account = accountWith(tokenFor('https://storage.azure.com'));
    for (const call of calls(account)) await call();
    await expect(createMemory(account).read(ID)).resolves.toEqual(NO_MEMORY);
  });

  test('that may not, the error does not hold the token', async () => {
    const token = tokenFor('https://vault.azure.net');
    const said = await complaints(calls(accountWith(token)));
    expect(said).toContain('403');
    expect(said).not.toContain(token);
  });

  test('no token is sent over plain HTTP', async () => {
    const url = await deadEndpoint();
    const account = createStorageAccount(
      { kind: 'identity', blobServiceUri: url, queueServiceUri: url, tableServiceUri: url },
      NO_CREDENTIAL,
    );
    await expect(createMemory(account).read(ID)).rejects.toThrow('not permitted for non-TLS');
  });
});
