import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { ContainerClient } from '@azure/storage-blob';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeCertificate } from '../../simulator/certificate.js';
import { AUDIT_COLUMNS, AUDIT_STREAM } from '../../src/delivery/audit-columns.js';
import { createTargets } from '../../src/delivery/targets.js';
import { TARGET_NAMES } from '../../src/delivery/target.js';
import type { DeliverySettings } from '../../src/types/delivery-settings.js';
import { startAzurite, type Azurite } from '../state/azurite.js';
import { aRecord } from '../state/records.js';
import { failureOf, NEVER, overSimulator, type OverSimulator } from './over-simulator.js';

/*
 * The targets as the app makes them, from settings alone: with an identity and no key, against servers that check its
 * tokens. Azurite does so over HTTPS.
 */

const NONE: DeliverySettings = { eventGridTopic: null, logIngestion: null, archive: null };
const RULE =
  '/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/rg/providers/Microsoft.Insights/dataCollectionRules/records';

let world: OverSimulator;
let azurite: Azurite;
let folder = '';
let certificatePath = '';
let container: ContainerClient;
const trusted = getCACertificates('default');
beforeAll(async () => {
  const made = await makeCertificate();
  folder = await mkdtemp(join(tmpdir(), 'holdfast-targets-'));
  certificatePath = join(folder, 'certificate.pem');
  const keyPath = join(folder, 'key.pem');
  await writeFile(certificatePath, made.certificate);
  await writeFile(keyPath, made.privateKey);
  setDefaultCACertificates([...trusted, made.certificate]);
  azurite = await startAzurite('--oauth', 'basic', '--cert', certificatePath, '--key', keyPath);
  world = await overSimulator();
  container = new ContainerClient(`${azurite.endpoints.blob}/account1/archive`, world.credential);
  await container.create();
});
afterAll(async () => {
  setDefaultCACertificates([...trusted]);
  await azurite.stop();
  await world.simulator.close();
  await rm(folder, { recursive: true });
});

function allSettings(): DeliverySettings {
  const { immutableId } = world.simulator.azure.ingestion.addRule(RULE, { [AUDIT_STREAM]: AUDIT_COLUMNS });
  return {
    eventGridTopic: world.simulator.topicUrl,
    logIngestion: { endpoint: world.simulator.ingestionUrl, ruleId: immutableId },
    archive: container.url,
  };
}

describe('the targets', () => {
  test('are those that are set up', () => {
    const { eventGridTopic, logIngestion, archive } = allSettings();
    const namesOf = (settings: Partial<DeliverySettings>): readonly string[] =>
      createTargets({ ...NONE, ...settings }, world).map(({ name }) => name);
    expect(namesOf({})).toEqual([]);
    expect(namesOf({ eventGridTopic })).toEqual(['event-grid']);
    expect(namesOf({ logIngestion })).toEqual(['log-analytics']);
    expect(namesOf({ archive })).toEqual(['archive']);
  });

  test('connect to nothing before their first delivery, and then each to its own with a token for it', async () => {
    world.scopes.length = 0;
    const targets = createTargets(allSettings(), world);
    expect(world.scopes).toEqual([]);
    const record = aRecord();
    for (const target of targets) {
      expect(TARGET_NAMES).toContain(target.name);
      expect(target.batch).toBeGreaterThan(0);
      await target.deliver([record], NEVER);
    }
    expect(new Set(world.scopes)).toEqual(
      new Set([
        'https://eventgrid.azure.net/.default',
        'https://monitor.azure.com/.default',
        'https://storage.azure.com/.default',
      ]),
    );
    const { topic, ingestion } = world.simulator.azure;
    expect(topic.events).toMatchObject([{ event: { data: { id: record.id } } }]);
    expect(ingestion.rows(AUDIT_STREAM)).toMatchObject([{ RecordId: record.id }]);
    const verified = await verifyByCommand(container.url);
    expect(verified.output).toMatch(/^The chain is whole: 1 records in 2 blobs\. Head: 2:[0-9a-f]{64}\n$/);
    expect(verified.code).toBe(0);
  });

  test('do not get in with a token for something else', async () => {
    const credential = {
      getToken: () => {
        const token = world.simulator.azure.tokenFor('holdfast', 'https://vault.azure.net');
        return Promise.resolve({ token, expiresOnTimestamp: Date.now() + 3_600_000 });
      },
    };
    for (const target of createTargets(allSettings(), { credential, http: world.http })) {
      const failure = await failureOf(target.deliver([aRecord()], NEVER));
      expect(failure.kind).toBe('transient');
      expect(failure.message).toMatch(/answered 40[13]/);
    }
  });
});

/** The command that an auditor runs, signed in as the simulator's identity. */
async function verifyByCommand(
  ...args: readonly string[]
): Promise<{ readonly code: number; readonly output: string }> {
  const script = resolve('.build/scripts/verify-archive.js');
  const child = spawn(process.execPath, [script, ...args], {
    env: { PATH: process.env.PATH, ...world.simulator.environment, NODE_EXTRA_CA_CERTS: certificatePath },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString('utf8');
    });
  }
  const [code] = (await once(child, 'close')) as [number];
  return { code, output };
}

describe('the command that verifies an archive', () => {
  async function downloaded(change: (text: string) => string): Promise<string> {
    const copy = await mkdtemp(join(folder, 'copy-'));
    for await (const { name } of container.listBlobsFlat()) {
      const text = (await container.getBlobClient(name).downloadToBuffer()).toString('utf8');
      await writeFile(join(copy, name), change(text));
    }
    return copy;
  }

  test('does not call whole what is no archive, or one of which all was taken away', async () => {
    const empty = await mkdtemp(join(folder, 'empty-'));
    await writeFile(join(empty, 'audit.txt'), 'something else');
    const { code, output } = await verifyByCommand(empty);
    expect(code).toBe(2);
    expect(output).toContain(`There is no archive in ${empty}`);
    const cutOff = await verifyByCommand(empty, '--head', `7:${'a'.repeat(64)}`);
    expect(cutOff.code).toBe(1);
    expect(cutOff.output).toContain('cut-off');
  });

  test('reads a folder, too, and prints each break', async () => {
    expect((await verifyByCommand(await downloaded((text) => text))).code).toBe(0);
    const { code, output } = await verifyByCommand(
      await downloaded((text) => text.replace('mallory', 'nobody!')),
    );
    expect(code).toBe(1);
    expect(output).toMatch(
      /^audit-\d{4}-\d{2}-\d{2}-0000\.jsonl:1 changed: This line is not .*\nThe chain is broken in 1 places/,
    );
  });

  test('compares with a head that was kept', async () => {
    const head = `2:${'a'.repeat(64)}`;
    const { code, output } = await verifyByCommand(await downloaded((text) => text), '--head', head);
    expect([code, output]).toEqual([1, expect.stringContaining('cut-off')]);
  });

  test.each([
    ['nothing', [], /Name one container or folder/],
    ['a head that is none', ['.', '--head', 'latest'], /--head takes a line's number and hash/],
    ['a folder that is not there', ['no-such-folder'], /ENOENT/],
  ])('says what is wrong with %s', async (_name, args, message) => {
    const { code, output } = await verifyByCommand(...args);
    expect(code).toBe(2);
    expect(output).toMatch(message);
  });
});
