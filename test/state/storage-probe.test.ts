import { createServer } from 'node:net';
import { once } from 'node:events';
import { AzureNamedKeyCredential, generateAccountSas } from '@azure/data-tables';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { STORAGE_SERVICES } from '../../src/engine/ports/health.js';
import { createStorageAccount, type StorageAccount } from '../../src/state/storage-account.js';
import { createStorageProbe } from '../../src/state/storage-probe.js';
import { connect, startAzurite, type Azurite } from './azurite.js';
import { FORBIDDEN, startProxy } from './proxy.js';

let azurite: Azurite;
beforeAll(async () => {
  azurite = await startAzurite();
});
afterAll(() => azurite.stop());

function probed(account: StorageAccount): Promise<readonly (string | null)[]> {
  return Promise.all(STORAGE_SERVICES.map(createStorageProbe(account)));
}

const NOTHING = { kind: 'answer', status: 500, body: '' } as const;

describe('whether the storage account can be written', () => {
  test('it can, also before anything was written to it', async () => {
    expect(await probed(azurite.newAccount())).toEqual([null, null, null]);
  });

  test('nothing is made by asking', async () => {
    const account = azurite.newAccount();
    await probed(account);
    expect(await account.container('holdfast-leases').exists()).toBe(false);
    expect(await account.queue('reconcile').exists()).toBe(false);
  });

  test('once everything is there, it can as well, and nothing has gone', async () => {
    const account = azurite.newAccount();
    await account.container('holdfast-leases').create();
    await account.queue('reconcile').create();
    await account.queue('reconcile').sendMessage('x');
    await account.table('HoldfastSweeps').createTable();
    expect(await probed(account)).toEqual([null, null, null]);
    expect((await account.queue('reconcile').getProperties()).approximateMessagesCount).toBe(1);
  });

  test('whoever may read and not write is told the role', async () => {
    const connectionString = azurite.newConnectionString();
    const part = (name: string): string => new RegExp(`${name}=([^;]*)`).exec(connectionString)?.[1] ?? '';
    const expiresOn = new Date(Date.now() + 3_600_000);
    const credential = new AzureNamedKeyCredential(part('AccountName'), part('AccountKey'));
    const sas = generateAccountSas(credential, {
      expiresOn,
      services: { blob: true, queue: true, table: true },
      resourceTypes: 'sco',
      permissions: { query: true, list: true },
    });
    const readOnly = `BlobEndpoint=${part('BlobEndpoint')};QueueEndpoint=${part('QueueEndpoint')};TableEndpoint=${part('TableEndpoint')};SharedAccessSignature=${sas.replace(/^\?/, '')}`;
    const [tables, queues, blobs] = await probed(connect(readOnly));
    expect(tables).toMatch(/^The account's tables may not be written \(403.*Storage Table Data Contributor/);
    expect(queues).toMatch(/^The account's queues may not be written \(403.*Storage Queue Data Contributor/);
    expect(blobs).toMatch(/^The account's blobs may not be written \(403.*Storage Blob Data Owner/);
    expect(`${tables} ${queues} ${blobs}`).not.toContain('sig=');
  });

  test('one service that refuses does not speak for the others', async () => {
    const proxy = await startProxy(azurite.endpoints.queue, () => FORBIDDEN);
    const [tables, queues, blobs] = await probed(azurite.newAccount({ queue: proxy.url }));
    expect([tables, blobs]).toEqual([null, null]);
    expect(queues).toContain('403 AuthorizationPermissionMismatch');
    await proxy.stop();
  });

  test('a service that fails', async () => {
    const proxy = await startProxy(azurite.endpoints.table, () => NOTHING);
    const [tables] = await probed(azurite.newAccount({ table: proxy.url }));
    expect(tables).toBe("The account's tables answered 500.");
    await proxy.stop();
  });

  test('nobody who listens', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    server.close();
    await once(server, 'close');
    const url = `http://127.0.0.1:${port}`;
    const found = await probed(azurite.newAccount({ blob: url, queue: url, table: url }));
    expect(found).toEqual(
      STORAGE_SERVICES.map((service) => `The account's ${service} cannot be reached (ECONNREFUSED).`),
    );
  });

  test('one that never answers is given up after four seconds', async () => {
    const proxy = await startProxy(azurite.endpoints.blob, () => ({ kind: 'swallow' }));
    const began = performance.now();
    const [, , blobs] = await probed(azurite.newAccount({ blob: proxy.url }));
    expect(blobs).toBe('The storage account did not answer within 4 seconds.');
    expect(performance.now() - began).toBeLessThan(5500);
    await proxy.stop();
  });

  test('a connection string that is none is said to be, and is not quoted', async () => {
    const found = await probed(connect('AccountKey=c2VjcmV0'));
    expect(found.join()).toContain('AzureWebJobsStorage is not a connection string');
    expect(found.join()).not.toContain('c2VjcmV0');
  });

  test('an identity without a token', async () => {
    const fails = Object.assign(new Error('secret: c2VjcmV0'), { name: 'CredentialUnavailableError' });
    const uri = 'https://127.0.0.1:1/account';
    const account = createStorageAccount(
      { kind: 'identity', blobServiceUri: uri, queueServiceUri: uri, tableServiceUri: uri },
      { getToken: () => Promise.reject(fails) },
    );
    expect(await probed(account)).toEqual(
      STORAGE_SERVICES.map((service) => `The identity got no token for ${service}.`),
    );
  });
});
