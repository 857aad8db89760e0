import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Json, JsonObject } from '../../src/types/json.js';
import { vaultId, workflowId } from '../engine/fake-world.js';
import { sweepAll } from '../engine/sweep-all.js';
import { connectionDocument, connectionId, estate, vaultDocument, workflowDocument } from './estate.js';
import { mutatedJson } from './mutated-json.js';
import { run } from './run.js';
import { skipWaiting } from './skip-waiting.js';

/*
 * A list that holds something that no resource ever was: it keeps the sweep from nothing else.
 */

let goOn: () => void;
beforeAll(() => {
  goOn = skipWaiting();
});
afterAll(() => {
  goOn();
});

const renamed = (document: JsonObject, name: string): JsonObject =>
  JSON.parse(
    JSON.stringify(document).replaceAll(
      /(workflows|vaults|connections)\/(?:play|kv-one|keyvault)"/g,
      `$1/${name}"`,
    ),
  ) as JsonObject;

const bad = fc.oneof(
  mutatedJson(renamed(vaultDocument, 'kv-bad'), 4).map(
    (document) => [vaultId('kv-bad').key, document] as const,
  ),
  mutatedJson(renamed(workflowDocument, 'bad'), 4).map(
    (document) => [workflowId('bad').key, document] as const,
  ),
  mutatedJson(renamed(connectionDocument, 'bad'), 4).map(
    (document) => [connectionId.key.replace('keyvault', 'bad'), document] as const,
  ),
);

/** What the sweep has put on the queue, and what it says that it has not seen. */
async function swept(texts: readonly (readonly [string, string])[]) {
  const world = estate();
  for (const [key, text] of texts) world.azure.texts.set(key, text);
  let problem = '';
  try {
    await sweepAll(world, world.engine);
  } catch (error) {
    expect(error).toMatchObject({ name: 'IncompleteSweepError' });
    problem = String(error);
  }
  return { world, problem, queued: world.queue.map(({ message }) => message.resourceId) };
}

test('one malformed resource keeps the sweep from no other', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(bad, { minLength: 1, maxLength: 2 }), async (documents) => {
      const { queued } = await swept(
        documents.map(([key, document]: readonly [string, Json]) => [key, JSON.stringify(document)]),
      );
      expect(queued).toContain(vaultId().id);
      expect(queued).toContain(workflowId().id);
    }),
    run(40),
  );
});

const deep = (open: string, close: string) => open.repeat(20_000) + close.repeat(20_000);
test.each([
  ['a vault', vaultId('kv-bad'), renamed(vaultDocument, 'kv-bad')],
  ['a workflow', workflowId('bad'), renamed(workflowDocument, 'bad')],
])('%s that is nested deeper than a stack keeps the sweep from no other', async (_name, id, document) => {
  for (const value of [deep('[', ']'), `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`]) {
    for (const place of [
      '"properties":{',
      '"tags":{',
      '"inputs":{',
      '"networkAcls":{',
      '"definition":{',
      '"parameters":{',
    ]) {
      const text = JSON.stringify(document).replace(place, `${place}"deep":${value},`);
      const { queued } = await swept([[id.key, text]]);
      expect(queued).toContain(vaultId().id);
      expect(queued).toContain(workflowId().id);
    }
  }
});
