import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { retryAfterMs } from '../../src/retry-after.js';
import { ArmError } from '../../src/engine/arm-error.js';
import type { ArmReader, ArmWriter, ListedPage } from '../../src/engine/ports/arm.js';
import { parseResourceId } from '../../src/types/resource-id.js';
import { SUBSCRIPTION, vaultId, workflowId } from '../engine/fake-world.js';
import { answeringArm, ARM, type Answer } from './answering-arm.js';
import { openVault } from './guarded-world.js';
import { mutatedJson } from './mutated-json.js';
import { oddJson } from './odd-json.js';
import { oddText } from './odd-text.js';
import { run } from './run.js';
import { skipWaiting } from './skip-waiting.js';

/*
 * What a server may answer that is not Azure, or that is Azure on a bad day: whatever it is, the engine gets a document,
 * or an `ArmError` that says what was asked for and nothing of what came.
 */

let goOn: () => void;
beforeAll(() => {
  goOn = skipWaiting();
});
afterAll(() => {
  goOn();
});

const CANARY = 'c4n4ry p4ssw0rd';
const connection = parseResourceId(
  `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.Web/connections/kv`,
);
const scope = { subscriptionId: SUBSCRIPTION, resourceGroup: null };

async function drain(pages: AsyncIterable<ListedPage>): Promise<readonly unknown[]> {
  const all: unknown[] = [];
  for await (const { items } of pages) all.push(...items);
  return all;
}

type Call = (reader: ArmReader, writer: ArmWriter) => Promise<unknown>;
const calls: readonly (readonly [string, Call])[] = [
  ['read a vault', (reader) => reader.read(vaultId())],
  ['read a workflow', (reader) => reader.read(workflowId())],
  ['read a connection', (reader) => reader.read(connection)],
  ['list vaults', (reader) => drain(reader.listVaults(scope))],
  ['list workflows', (reader) => drain(reader.listWorkflows(scope))],
  ['list connections', (reader) => drain(reader.listConnections(scope))],
  ['list role assignments', (reader) => reader.listRoleAssignments(vaultId())],
  ['list diagnostic settings', (reader) => reader.listDiagnosticSettings(vaultId())],
  ['list deleted vaults', (reader) => reader.listDeletedVaults(SUBSCRIPTION)],
  ['list versions', (reader) => reader.listWorkflowVersions(workflowId())],
  ['count runs', (reader) => reader.countRuns(workflowId(), null, new Date(0))],
  ['write a vault', (_, writer) => writer.patchVault(vaultId(), '{}', 'w')],
  ['write a workflow', (_, writer) => writer.putWorkflow(workflowId(), '{}', 'w')],
  ['write a policy', (_, writer) => writer.replaceAccessPolicies(vaultId(), '{}', 'w')],
  ['write a setting', (_, writer) => writer.putDiagnosticSetting(vaultId(), 'a/b', '{}', 'w')],
  ['recover a vault', (_, writer) => writer.recoverVault(vaultId(), '{"properties":{}}', 'w')],
  ['write a connection', (_, writer) => writer.putConnection(connection, '{}', 'w')],
];

/** The most that one call may ask: pages of a list, each tried four times. */
const MOST_REQUESTS = 400;

async function answered(call: Call, answer: (count: number) => Answer | Error): Promise<unknown> {
  let count = 0;
  const statuses: number[] = [];
  const arm = answeringArm(() => {
    const given = answer(count++);
    statuses.push(given instanceof Error ? 0 : given.status);
    return given;
  });
  try {
    return await call(arm.reader, arm.writer);
  } catch (error) {
    if (!(error instanceof ArmError)) throw error;
    expect(error.message).not.toContain(CANARY);
    expect(error.message.length).toBeLessThan(1000);
    expect(error.message).toMatch(/subscriptions|arm\.example/);
    expect(error.details.retryAfterMs ?? 0).toBeGreaterThanOrEqual(0);
    expect(error.details.armRequestId?.length ?? 0).toBeLessThanOrEqual(200);
    return error;
  } finally {
    expect(arm.asked.length).toBeLessThan(MOST_REQUESTS);
    for (const { url } of arm.asked) expect(new URL(url).origin).toBe(ARM);
    // Only a write that was turned away for its token is sent again, with another.
    const sentAgain = arm.asked
      .slice(0, -1)
      .flatMap(({ method }, i) => (method === 'GET' ? [] : [statuses[i]]));
    for (const status of sentAgain) expect(status).toBe(401);
  }
}

const body = fc.oneof(
  oddJson.map((json) => JSON.stringify(json)),
  oddText,
  mutatedJson({ value: [openVault(), openVault('kv-two')], nextLink: null }).map((json) =>
    JSON.stringify(json),
  ),
  mutatedJson({ error: { code: 'ScopeLocked', message: CANARY, details: [] } }).map((json) =>
    JSON.stringify(json),
  ),
  fc.constantFrom(
    '',
    'null',
    '[]',
    `<html>${CANARY}</html>`,
    `\ufeff${JSON.stringify(openVault())}`,
    '{"a":1e999}',
    `{"id":"${CANARY}`,
    '{"value":[{"id":1},null,[],"x",{"id":"/subscriptions/x"}]}',
    `{"error":{"code":"LinkedAuthorizationFailed","message":"perform action '${CANARY}' on the linked scope(s) '/subscriptions/${CANARY}'"}}`,
    `{"error":{"code":"${CANARY}"}}`,
  ),
);
const header = fc.oneof(
  oddText.map((text) => text.replaceAll(/[^\x20-\x7e]/g, '').slice(0, 100)),
  fc.constantFrom(
    '0',
    '-5',
    '1e9',
    '99999999999',
    '5, 10',
    'Fri, 31 Dec 1999 23:59:59 GMT',
    'Fri, 99 Foo 9999',
    ' 3 ',
  ),
);
const answer: fc.Arbitrary<Answer> = fc.record({
  status: fc.oneof(
    fc.constantFrom(200, 201, 202, 204, 301, 304, 307, 400, 401, 403, 404, 409, 412, 429, 500, 503),
    fc.integer({ min: 200, max: 599 }),
  ),
  headers: fc.record(
    {
      'retry-after': header,
      'x-ms-request-id': fc.oneof(header, fc.constant('x'.repeat(10_000))),
      location: fc.constantFrom('https://evil.example/', '/x', '::'),
      'www-authenticate': fc.constantFrom(
        'Bearer',
        'Bearer claims="e30="',
        'Bearer claims="!!!", error="insufficient_claims"',
      ),
      'x-ms-ratelimit-remaining-subscription-reads': header,
      'content-type': fc.constantFrom('text/html', 'application/json; charset=utf-16', ''),
    },
    { requiredKeys: [] },
  ),
  body,
});
const failure = fc.constantFrom(
  new TypeError(CANARY),
  Object.assign(new Error(CANARY), { code: 'ECONNRESET' }),
  Object.assign(new Error(CANARY), { code: CANARY }),
  new DOMException(CANARY, 'AbortError'),
);

describe.each(calls)('%s', (_name, call) => {
  test('whatever is answered', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof({ arbitrary: answer, weight: 9 }, { arbitrary: failure, weight: 1 }), {
          minLength: 1,
          maxLength: 3,
        }),
        async (answers) => {
          await answered(call, (count) => answers[count % answers.length] ?? new Error('none'));
        },
      ),
      run(150),
    );
  });
});

describe('lists', () => {
  const lists = calls.filter(([name]) => name.startsWith('list ') || name === 'count runs');
  const page = (nextLink: unknown, value: unknown = []): Answer => ({
    status: 200,
    body: JSON.stringify({ value, nextLink }),
  });
  const many = lists.filter(([name]) => name !== 'list versions' && name !== 'count runs');

  test.each(many)('%s: a next page that was there before ends it, with an error', async (_name, call) => {
    const loops: readonly ((count: number) => string)[] = [
      () => `${ARM}/same`,
      (count) => `${ARM}/${count % 2 === 0 ? 'a' : 'b'}`,
      (count) => `${ARM}/${count < 5 ? count : 5 + (count % 3)}`,
    ];
    for (const loop of loops) {
      const result = await answered(call, (count) => page(loop(count)));
      expect(result).toBeInstanceOf(ArmError);
    }
  });

  test.each(many)('%s: a next page that is no link is an error, not the end', async (_name, call) => {
    for (const link of [
      12,
      {},
      [`${ARM}/x`],
      true,
      '/relative',
      'https://evil.example/x',
      'http://arm.example/x',
      `${ARM}.evil.example/x`,
    ]) {
      expect(await answered(call, () => page(link))).toBeInstanceOf(ArmError);
    }
  });

  test.each(many)('%s: an answer without a list is an error, not an empty list', async (_name, call) => {
    for (const text of ['{}', '{"value":null}', '{"value":{}}', '{"Value":[]}', '{"error":{"code":"x"}}'])
      expect(await answered(call, () => ({ status: 200, body: text }))).toBeInstanceOf(ArmError);
  });

  test.each(many)('%s: nothing, null and an empty text are the end', async (_name, call) => {
    for (const link of [undefined, null, '']) expect(await answered(call, () => page(link))).toEqual([]);
  });

  test.each([
    ['a number', 1],
    ['nothing', null],
    ['a list', []],
    ['without an id', {}],
    ['with an id of another type', { id: 12 }],
    ['with the id of something else', { id: '/subscriptions/x' }],
  ])('a member that is %s does not keep the others away', async (_what, member) => {
    const body = JSON.stringify({ value: [member, openVault()] });
    const found = await answered(
      (reader) => drain(reader.listVaults(scope)),
      () => ({ status: 200, body }),
    );
    expect(found).toContainEqual(expect.objectContaining({ id: vaultId() }));
  });

  test('a member that is nested deeper than a stack does not keep the others away', async () => {
    const deep = `{"id":"${vaultId('kv-deep').id}","x":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
    const body = `{"value":[${deep},${JSON.stringify(openVault())}]}`;
    const found = await answered(
      (reader) => drain(reader.listVaults(scope)),
      () => ({ status: 200, body }),
    );
    expect(found).toHaveLength(2);
  });
});

describe('one resource', () => {
  const read: Call = (reader) => reader.read(vaultId());
  test.each([
    ['another resource', { ...openVault('kv-two') }],
    ['a resource without properties', { id: vaultId().id }],
    ['properties that are none', { ...openVault(), properties: [] }],
    ['a list', { value: [openVault()] }],
    ['an error', { error: { code: 'NotFound' } }],
  ])('%s is not what was asked for', async (_name, document) => {
    expect(await answered(read, () => ({ status: 200, body: JSON.stringify(document) }))).toBeInstanceOf(
      ArmError,
    );
  });
});

test('a wait is a number of milliseconds from now on, or none', () => {
  fc.assert(
    fc.property(fc.oneof(header, oddText), (text) => {
      const ms = retryAfterMs(text);
      if (ms !== null) expect(Number.isSafeInteger(ms) && ms >= 0).toBe(true);
    }),
    run(1000),
  );
});
