import { createHttpHeaders, createPipelineRequest, type PipelineResponse } from '@azure/core-rest-pipeline';
import { describe, expect, test } from 'vitest';
import { createArmReader } from '../../src/azure/arm-reader.js';
import { createArmWriter } from '../../src/azure/arm-writer.js';
import { createPacer } from '../../src/azure/pacer.js';
import { MOST_RETRIES, readRetryStrategy } from '../../src/azure/read-retry.js';
import { retryAfterMs } from '../../src/retry-after.js';
import { ArmError } from '../../src/engine/arm-error.js';
import { parseResourceId } from '../../src/types/resource-id.js';

const ARM = 'https://arm.example';
const SUB = '11111111-2222-4333-8444-555555555555';
const vault = parseResourceId(
  `/subscriptions/${SUB}/resourceGroups/rg-(ä)/providers/Microsoft.KeyVault/vaults/kv-one`,
);

interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Record<string, string>;
}

/** A pipeline that answers from a list and remembers what it was asked. */
function pipelineOf(...answers: (Answer | Error)[]) {
  const asked: { method: string; url: string; body: unknown; requestId: string }[] = [];
  const answerTo = (request: ReturnType<typeof createPipelineRequest>): Promise<PipelineResponse> => {
    const { method, url, body, requestId } = request;
    asked.push({ method, url, body, requestId });
    const answer = answers.shift();
    if (answer === undefined || answer instanceof Error)
      return Promise.reject(answer ?? new Error('no answer left'));
    return Promise.resolve({
      request,
      status: answer.status,
      headers: createHttpHeaders(answer.headers),
      bodyAsText: typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body),
    });
  };
  const send = Object.assign(answerTo, { signedInAs: 'alice@contoso.com' });
  return { asked, pipelines: { keyVault: send, logic: send } };
}

async function failureOf(...answers: (Answer | Error)[]): Promise<ArmError> {
  const { pipelines } = pipelineOf(...answers);
  const error: unknown = await createArmReader(pipelines, ARM)
    .read(vault)
    .then(String, (reason: unknown) => reason);
  if (!(error instanceof ArmError)) throw new Error(`expected an ArmError, got ${String(error)}`);
  return error;
}

describe('what an answer means', () => {
  const error = (code: string) => ({ error: { code, message: 'a message with p4ssw0rd in it' } });
  test.each([
    [401, 'InvalidAuthenticationToken', 'unauthorized'],
    [403, 'AuthorizationFailed', 'unauthorized'],
    [404, 'ResourceNotFound', 'not-found'],
    [409, 'ConflictError', 'conflict'],
    [409, 'ScopeLocked', 'locked'],
    [409, 'ReadOnlyDisabledSubscription', 'rejected'],
    [412, 'PreconditionFailed', 'conflict'],
    [429, 'TooManyRequests', 'throttled'],
    [400, 'BadRequest', 'rejected'],
    [413, 'RequestEntityTooLarge', 'rejected'],
    [408, 'RequestTimeout', 'unavailable'],
    [500, 'InternalServerError', 'unavailable'],
    [503, 'ServiceUnavailable', 'unavailable'],
  ])('%d %s is %s', async (status, code, kind) => {
    const failure = await failureOf({ status, body: error(code), headers: { 'x-ms-request-id': 'r-1' } });
    expect(failure.details).toMatchObject({ kind, status, code, armRequestId: 'r-1' });
    expect(failure.message).toContain(vault.id);
    expect(failure.message).not.toContain('p4ssw0rd');
  });

  test('a missing permission is named, with its scope', async () => {
    const { message } = await failureOf({ status: 403, body: error('AuthorizationFailed') });
    expect(message).toContain('Microsoft.KeyVault/vaults/read');
    expect(message).toContain(`at ${vault.id}`);
  });

  test('a token that is not taken may be to blame for a 401, and for no 403', async () => {
    const [other, denied] = await Promise.all(
      [401, 403].map((status) => failureOf({ status, body: error('InvalidAuthenticationTokenTenant') })),
    );
    expect(other?.message).toMatch(/lacks Microsoft\.KeyVault\/vaults\/read at .*the tenant that/);
    expect(denied?.message).not.toContain('tenant that');
  });

  test.each([
    ['a code that is a sentence is not passed on', { status: 400, body: error('secret: p4ssw0rd') }],
    ['an answer that is no JSON', { status: 200, body: '{"properties": {"a' }],
    ['an answer that is no object', { status: 200, body: '[]' }],
    ['an empty answer', { status: 200, body: '' }],
  ])('%s', async (_name, answer) => {
    const failure = await failureOf(answer);
    expect(failure.details.code).toBeNull();
    expect(failure.message).not.toContain('p4ssw0rd');
  });

  test('no answer at all may pass', async () => {
    const failure = await failureOf(Object.assign(new Error('connect p4ssw0rd'), { code: 'ECONNRESET' }));
    expect(failure.details).toMatchObject({ kind: 'unavailable', status: null });
    expect(failure.message).toContain('ECONNRESET');
    expect(failure.message).not.toContain('p4ssw0rd');
  });
});

describe('an answer that would be planned from, though it is not what was asked for', () => {
  test.each([
    ['another resource', { id: vault.id.replace('kv-one', 'kv-two'), properties: {} }],
    ['a resource without properties', { id: vault.id }],
  ])('%s is a failure that may pass', async (_name, body) => {
    expect((await failureOf({ status: 200, body })).details.kind).toBe('unavailable');
  });

  const listVaults = async (...answers: Answer[]): Promise<number> => {
    const { pipelines } = pipelineOf(...answers);
    const scope = { subscriptionId: SUB, resourceGroup: null };
    let count = 0;
    for await (const { items } of createArmReader(pipelines, ARM).listVaults(scope)) count += items.length;
    return count;
  };
  const page = (nextLink: unknown): Answer => ({ status: 200, body: { value: [], nextLink } });

  test.each([
    ['no list', [{ status: 200, body: {} }], "Azure's answer is no list"],
    ['a next page that is no link', [page(12)], 'the next page is no link'],
    [
      'a next page that was there before',
      [page(`${ARM}/a`), page(`${ARM}/b`), page(`${ARM}/a`), page(`${ARM}/b`)],
      'leads back',
    ],
  ])('%s is not the end of a list', async (_name, answers, message) => {
    await expect(listVaults(...answers)).rejects.toThrow(message);
  });
});

describe('what is asked', () => {
  test('one resource, by its path and version, encoded', async () => {
    const { asked, pipelines } = pipelineOf({ status: 200, body: { properties: {} } });
    await createArmReader(pipelines, ARM).read(vault);
    expect(asked[0]?.url).toBe(
      `${ARM}/subscriptions/${SUB}/resourceGroups/rg-(%C3%A4)/providers/Microsoft.KeyVault/vaults/kv-one?api-version=2026-02-01`,
    );
  });

  test('a write carries its id and its body, once', async () => {
    const { asked, pipelines } = pipelineOf({ status: 200, body: {}, headers: { 'x-ms-request-id': 'r-9' } });
    const result = await createArmWriter(
      pipelines,
      ARM,
      () => Promise.resolve(null),
      createPacer(),
    ).patchVault(vault, '{"properties":{}}', 'write-1');
    expect(asked).toMatchObject([{ method: 'PATCH', body: '{"properties":{}}', requestId: 'write-1' }]);
    expect(result.armRequestId).toBe('r-9');
  });
});

test('that a write was taken in is no evidence that it was carried out, whatever the answer shows', async () => {
  const { pipelines } = pipelineOf({ status: 202, body: { id: vault.id, properties: {} } });
  const writer = createArmWriter(pipelines, ARM, () => Promise.resolve(null), createPacer());
  const error: unknown = await writer
    .patchVault(vault, '{"properties":{}}', 'write-1')
    .catch((reason: unknown) => reason);
  expect(error).toMatchObject({ details: { kind: 'unavailable', status: 202 } });
});

describe('lists', () => {
  const page = (names: string[], nextLink?: unknown) => ({
    status: 200,
    body: {
      value: names.map((name) => ({ id: vault.id.replace('kv-one', name), properties: {} })),
      nextLink,
    },
  });
  const scope = { subscriptionId: SUB, resourceGroup: null };
  const listAll = async (...answers: (Answer | Error)[]) => {
    const { asked, pipelines } = pipelineOf(...answers);
    const names: string[] = [];
    for await (const { items } of createArmReader(pipelines, ARM).listVaults(scope))
      names.push(...items.map(({ id }) => id.name));
    return { names, urls: asked.map(({ url }) => url) };
  };

  test('go on as long as ARM names a next page', async () => {
    const next = `${ARM}/subscriptions/${SUB}/providers/Microsoft.KeyVault/vaults?api-version=2026-02-01&$skiptoken=x`;
    const { names, urls } = await listAll(page(['kv-one'], next), page(['kv-two'], ''));
    expect(names).toEqual(['kv-one', 'kv-two']);
    expect(urls[1]).toBe(next);
  });

  const workflow = (name: string, properties: unknown) => ({
    id: vault.id.replace('Microsoft.KeyVault/vaults/kv-one', `Microsoft.Logic/workflows/${name}`),
    properties,
  });
  const listWorkflows = async (...answers: (Answer | Error)[]) => {
    const { asked, pipelines } = pipelineOf(...answers);
    const documents: unknown[] = [];
    for await (const { items } of createArmReader(pipelines, ARM).listWorkflows(scope))
      documents.push(...items.map(({ document }) => document));
    return { documents, asked: asked.map(({ url }) => url.split(/[/?]/).at(-2)) };
  };
  const whole = workflow('wf-one', { definition: { actions: {} } });

  test.each([
    ['nothing', undefined],
    ['no definition', { state: 'Enabled', parameters: {} }],
    ['a definition that is null', { definition: null }],
  ])(
    'have what they show %s of read by itself: it would be a workflow that reads no vault',
    async (_what, properties) => {
      const thin = {
        status: 200,
        body: { value: [workflow('wf-one', properties), workflow('wf-two', { definition: {} })] },
      };
      const { documents, asked } = await listWorkflows(thin, { status: 200, body: whole });
      expect(documents).toEqual([whole, workflow('wf-two', { definition: {} })]);
      expect(asked).toEqual(['workflows', 'wf-one']);
    },
  );

  test('pass over what is gone by then, and fail where it cannot be read', async () => {
    const thin = { status: 200, body: { value: [workflow('wf-one', undefined)] } };
    expect((await listWorkflows(thin, { status: 404, body: {} })).documents).toEqual([]);
    await expect(listWorkflows(thin, { status: 403, body: {} })).rejects.toThrow('lacks');
  });

  test('ask for no workflow that has its definition elsewhere, and whose own answer says no more', async () => {
    const linked = workflow('wf-one', { definitionLink: { uri: 'https://example.com' } });
    expect((await listWorkflows({ status: 200, body: { value: [linked] } })).documents).toEqual([linked]);
  });

  test('never follow a next page to another host, because the token goes with it', async () => {
    await expect(listAll(page(['kv-one'], 'https://evil.example/steal'))).rejects.toThrow('was not followed');
    await expect(listAll(page(['kv-one'], `${ARM}.evil.example/steal`))).rejects.toThrow('was not followed');
  });

  test('leave out what is no vault', async () => {
    const strange = { status: 200, body: { value: [null, 7, {}, { id: '/x' }, { id: vault.id }] } };
    expect((await listAll(strange)).names).toEqual(['kv-one']);
  });

  test('of connections go by resource group where the subscription-wide list does not exist', async () => {
    const connection = `/subscriptions/${SUB}/resourceGroups/rg/providers/Microsoft.Web/connections/kv`;
    const { asked, pipelines } = pipelineOf(
      { status: 404, body: { error: { code: 'InvalidResourceType' } } },
      { status: 200, body: { value: [{ name: 'rg' }] } },
      { status: 200, body: { value: [{ id: connection, properties: {} }] } },
    );
    const reader = createArmReader(pipelines, ARM);
    const found: string[] = [];
    for await (const { items } of reader.listConnections({ subscriptionId: SUB, resourceGroup: null })) {
      found.push(...items.map(({ id }) => id.id));
    }
    expect(found).toEqual([connection]);
    expect(asked.map(({ url }) => new URL(url).pathname)).toEqual([
      `/subscriptions/${SUB}/providers/Microsoft.Web/connections`,
      `/subscriptions/${SUB}/resourcegroups`,
      `/subscriptions/${SUB}/resourceGroups/rg/providers/Microsoft.Web/connections`,
    ]);
  });

  test('of connections go by resource group at once where that is known', async () => {
    const { asked, pipelines } = pipelineOf(
      { status: 200, body: { value: [{ name: 'rg' }] } },
      { status: 200, body: { value: [] } },
    );
    const pages = createArmReader(pipelines, ARM).listConnections(
      { subscriptionId: SUB, resourceGroup: null },
      undefined,
      null,
      true,
    );
    for await (const page of pages) expect(page).toEqual({ items: [], next: null, isByGroup: true });
    expect(asked.map(({ url }) => new URL(url).pathname)).toEqual([
      `/subscriptions/${SUB}/resourcegroups`,
      `/subscriptions/${SUB}/resourceGroups/rg/providers/Microsoft.Web/connections`,
    ]);
  });

  test('of connections by resource group need the permission for the whole subscription', async () => {
    const { pipelines } = pipelineOf(
      { status: 200, body: { value: [{ name: 'rg' }] } },
      { status: 403, body: { error: { code: 'AuthorizationFailed' } } },
    );
    const scope = { subscriptionId: SUB, resourceGroup: null };
    const list = async () => {
      const pages = createArmReader(pipelines, ARM).listConnections(scope, undefined, null, true);
      for await (const { items } of pages) expect(items).toEqual([]);
    };
    await expect(list()).rejects.toThrow(
      `alice@contoso.com lacks Microsoft.Web/connections/read at /subscriptions/${SUB};`,
    );
  });
});

describe('what is repeated', () => {
  const strategy = readRetryStrategy(false);
  const response = (method: 'GET' | 'PATCH', status: number, retryAfter?: string): PipelineResponse => ({
    request: createPipelineRequest({ url: ARM, method }),
    status,
    headers: createHttpHeaders(retryAfter === undefined ? {} : { 'retry-after': retryAfter }),
  });
  test.each([
    ['a read that was throttled, when the pacing lets it', response('GET', 429, '60'), { retryAfterInMs: 0 }],
    ['a read that was throttled without a time', response('GET', 429), { retryAfterInMs: 0 }],
    ['a read that was asked to wait', response('GET', 503, '2'), { retryAfterInMs: 0 }],
    ['not a read that was answered', response('GET', 404), { skipStrategy: true }],
    ['never a write', response('PATCH', 503, '1'), { skipStrategy: true }],
  ])('%s', (_name, answer, expected) => {
    expect(strategy.retry({ response: answer, retryCount: 0 })).toEqual(expected);
  });

  test.each([
    ['somebody waits for', false, response('GET', 429, '1'), 3],
    ['has time, and was throttled', true, response('GET', 429, '1'), MOST_RETRIES],
    ['has time, and failed', true, response('GET', 500), 3],
  ])('a read that %s is not repeated for ever', (_name, isPatient, answer, times) => {
    const strategy = readRetryStrategy(isPatient);
    expect(strategy.retry({ response: answer, retryCount: times - 1 }).skipStrategy).toBeUndefined();
    expect(strategy.retry({ response: answer, retryCount: times })).toEqual({ skipStrategy: true });
  });

  test('a read that failed, after a wait that grows', () => {
    for (const retryCount of [0, 1, 2]) {
      const { retryAfterInMs = 0 } = strategy.retry({ response: response('GET', 500), retryCount });
      expect(retryAfterInMs).toBeGreaterThanOrEqual(100 * 2 ** retryCount);
      expect(retryAfterInMs).toBeLessThanOrEqual(200 * 2 ** retryCount);
    }
  });
});

test.each([
  ['seconds', '120', 120_000],
  ['a date', 'Mon, 23 Nov 2026 12:00:30 GMT', 30_000],
  ['a date that has passed', 'Mon, 23 Nov 2026 11:00:00 GMT', 0],
  ['nothing', undefined, null],
  ['words', 'soon', null],
  ['a negative number', '-5', null],
])('Retry-After: %s', (_name, header, expected) => {
  expect(retryAfterMs(header, Date.parse('2026-11-23T12:00:00Z'))).toBe(expected);
});
