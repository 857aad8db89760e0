import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, describe, expect, it } from 'vitest';
import { TableServiceClient } from '@azure/data-tables';
import { BlobServiceClient } from '@azure/storage-blob';
import { QueueServiceClient } from '@azure/storage-queue';
import { startAzurite } from '../../local-host/azurite.js';
import { Azure } from '../../simulator/azure.js';
import { makeCertificate } from '../../simulator/certificate.js';
import { compileFolder } from './compile-folder.js';
import { makeBuildDirectory } from './functions-app.js';

const temporary: string[] = [];

afterAll(() => {
  for (const directory of temporary) rmSync(directory, { recursive: true, force: true });
});

function portOf(connectionString: string): number {
  return Number(/QueueEndpoint=http:\/\/127\.0\.0\.1:(\d+)\//.exec(connectionString)?.[1]);
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => {
      resolve(false);
    });
  });
}

/** The status of a list of containers with this token. */
function listContainers(blob: string, ca: string, token: string): Promise<number> {
  const headers = { authorization: `Bearer ${token}`, 'x-ms-version': '2024-11-04' };
  return new Promise((resolve, reject) => {
    request(`${blob}?comp=list`, { ca, headers }, (incoming) => {
      incoming.resume();
      resolve(incoming.statusCode ?? 0);
    })
      .on('error', reject)
      .end();
  });
}

describe('Azurite', () => {
  it('with a certificate takes an access token for storage over HTTPS, and no other one', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'azurite-tls-'));
    temporary.push(folder);
    const { certificate, privateKey } = await makeCertificate();
    const tls = { certificatePath: join(folder, 'certificate.pem'), keyPath: join(folder, 'key.pem') };
    writeFileSync(tls.certificatePath, certificate);
    writeFileSync(tls.keyPath, privateKey);
    const { connectionString, endpoints, close } = await startAzurite({ tls });
    const azure = new Azure(() => 'https://management.azure.com');
    try {
      expect(connectionString).toMatch(/^DefaultEndpointsProtocol=https;/);
      expect(Object.values(endpoints).every((url) => /^https:.*\/devstoreaccount1\/$/.test(url))).toBe(true);
      const list = (audience: string): Promise<number> =>
        listContainers(endpoints.blob, certificate, azure.tokenFor('app', audience));
      expect(await list('https://storage.azure.com')).toBe(200);
      expect(await list('https://vault.azure.net')).toBe(403);
    } finally {
      await close();
    }
  });

  it('serves blobs, queues and tables, and is gone when it is closed', async () => {
    const { connectionString, close } = await startAzurite();
    try {
      await BlobServiceClient.fromConnectionString(connectionString).createContainer('box');
      await QueueServiceClient.fromConnectionString(connectionString).createQueue('line');
      const tables = TableServiceClient.fromConnectionString(connectionString, {
        allowInsecureConnection: true,
      });
      await tables.createTable('rows');
      expect((await tables.listTables().next()).value).toMatchObject({ name: 'rows' });
    } finally {
      await close();
    }
    expect(await isListening(portOf(connectionString))).toBe(false);
  });

  it('keeps its data in a directory if it is given one', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'azurite-test-'));
    temporary.push(directory);
    const first = await startAzurite({ directory });
    await QueueServiceClient.fromConnectionString(first.connectionString).createQueue('kept');
    await first.close();
    const second = await startAzurite({ directory });
    try {
      const queue = QueueServiceClient.fromConnectionString(second.connectionString).getQueueClient('kept');
      expect(await queue.exists()).toBe(true);
    } finally {
      await second.close();
    }
  });

  it('says what it printed if it does not come up', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'azurite-test-')), 'file');
    temporary.push(join(file, '..'));
    writeFileSync(file, '');
    await expect(startAzurite({ directory: file })).rejects.toThrow(
      /Azurite ended with exit code 1\. .*\n.*EEXIST/,
    );
  });

  it('says so if it takes too long', async () => {
    await expect(startAzurite({ startLimitMs: 1 })).rejects.toThrow('did not start within 1 ms');
  });

  it('dies with the process that started it, even if that is killed', async () => {
    const directory = makeBuildDirectory('azurite-parent');
    temporary.push(directory);
    compileFolder('local-host', directory);
    const script = `require('./azurite.js').startAzurite().then(({ connectionString }) => console.log(connectionString))`;
    const parent = spawn(process.execPath, ['-e', script], {
      cwd: directory,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [connectionString] = (await once(createInterface(parent.stdout), 'line')) as [string];
    const port = portOf(connectionString);
    expect(await isListening(port)).toBe(true);
    parent.kill('SIGKILL');
    await expect.poll(() => isListening(port), { timeout: 10_000 }).toBe(false);
  });
});
