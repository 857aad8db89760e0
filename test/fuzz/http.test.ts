import { HttpRequest, type HttpResponseInit, type InvocationContext } from '@azure/functions';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { audit } from '../../src/functions/audit.js';
import { acceptFinding } from '../../src/functions/accept-finding.js';
import { deadLetters } from '../../src/functions/dead-letters.js';
import { findings } from '../../src/functions/findings.js';
import { posture } from '../../src/functions/posture.js';
import { remediate } from '../../src/functions/remediate.js';
import { replayDeadLetters } from '../../src/functions/replay-dead-letters.js';
import { decodeContinuationToken } from '../../src/state/continuation-token.js';
import type { Json } from '../../src/types/json.js';
import { vaultId } from '../engine/fake-world.js';
import { guardedWorld, type GuardedWorld } from './guarded-world.js';
import { mutatedJson } from './mutated-json.js';
import { nested, oddJson } from './odd-json.js';
import { oddText } from './odd-text.js';
import { run } from './run.js';

/*
 * What whoever has a function key may send: through the functions themselves, with the host's own request.
 */

let world: GuardedWorld;
vi.mock('../../src/app.js', async (original) => ({
  ...(await original<object>()),
  withEngine: (_log: unknown, work: (engine: unknown) => unknown) => work(world.engine),
}));

type Handler = (request: HttpRequest, context: InvocationContext) => Promise<HttpResponseInit>;
interface Sent {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly body?: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
}

const CANARY = 'c4n4ry-p4ssw0rd';

/** The function's answer, which is always JSON, and a problem wherever something was wrong. */
async function answerOf(handler: Handler, { method, url, body, headers = {} }: Sent) {
  world = guardedWorld();
  const ask = world.deps.audit.query.bind(world.deps.audit);
  // As the audit log over Table Storage has it.
  world.deps.audit.query = (asked) => {
    if (asked.continuationToken !== undefined) decodeContinuationToken(asked.continuationToken);
    return ask(asked);
  };
  const request = new HttpRequest({
    method,
    url: `https://holdfast.example/api/${url}`,
    headers: { 'x-functions-key': CANARY, 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? { string: body } : { bytes: body } }),
  });
  const answer = await handler(request, world.context);
  const text = answer.body as string;
  const sent = answer.headers as Record<string, string>;
  expect(world.strayed()).toEqual([]);
  const document = JSON.parse(text) as { status?: number; detail?: string; title?: string };
  const status = answer.status ?? 0;
  if (status >= 400) {
    expect(sent['content-type']).toBe('application/problem+json');
    expect(document.status).toBe(status);
    expect(document.title).toBeTruthy();
    expect(document.detail).toBeTruthy();
    // Whatever was sent, the answer is for a person to read.
    expect(text.length).toBeLessThan(5000);
  } else expect(sent['content-type']).toBe('application/json');
  expect(sent['cache-control']).toBe('no-store');
  expect(text + world.told()).not.toContain(CANARY);
  return { status, document };
}

/** The faults of whoever asks are his: never 500. */
async function isAnswered(handler: Handler, sent: Sent): Promise<number> {
  const { status } = await answerOf(handler, sent);
  expect([200, 202, 400, 403, 404, 409, 413]).toContain(status);
  return status;
}

const routes: readonly (readonly [string, Handler, Json])[] = [
  ['remediate', remediate, { resourceId: vaultId().id, dryRun: true, remediators: ['vault-firewall'] }],
  ['findings/accept', acceptFinding, { id: 'abc', reason: 'known' }],
];

describe.each(routes)('POST %s', (url, handler, good) => {
  const post = (body: string | Buffer) => isAnswered(handler, { method: 'POST', url, body });

  test('any JSON', async () => {
    await fc.assert(
      fc.asyncProperty(oddJson, async (body) => {
        expect(await post(JSON.stringify(body))).toBe(400);
      }),
      run(300),
    );
  });

  test('a good body with some of it changed', async () => {
    await fc.assert(
      fc.asyncProperty(mutatedJson(good), async (body) => {
        await post(JSON.stringify(body));
      }),
      run(700),
    );
  });

  test('bytes that are no text', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
        expect(await post(Buffer.from(bytes))).toBe(400);
      }),
      run(200),
    );
  });

  test.each([
    ['nothing', ''],
    ['a text', CANARY],
    ['JSON that is cut off', `{"resourceId":"${CANARY}`],
    ['members that nobody knows', JSON.stringify({ ...(good as object), member: CANARY })],
    ['a member whose name is longer than a page', JSON.stringify({ ['x'.repeat(100_000)]: 1 })],
    [
      'a hundred thousand members',
      JSON.stringify(Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`k${i}`, 1]))),
    ],
    [
      'a hundred thousand wrong members of a list',
      JSON.stringify({ ...(good as object), remediators: Array(100_000).fill('x') }),
    ],
    [
      'lists deeper than a stack',
      JSON.stringify({ ...(good as object), remediators: null }).replace(
        'null',
        '['.repeat(200_000) + ']'.repeat(200_000),
      ),
    ],
    ['a member that stands for the prototype', '{"__proto__":{"resourceId":"/x"}}'],
    ['ten megabytes', JSON.stringify({ resourceId: 'x'.repeat(10_000_000) })],
    ['a byte order mark before it, and another form', '\ufeff<a/>'],
  ])('%s', async (_name, body) => {
    expect(await post(body)).toBe(400);
  });

  test('a body that ends too early', async () => {
    const broken = {
      text: () => Promise.reject(new TypeError('terminated')),
      query: new URLSearchParams(),
      headers: new Headers({ 'content-type': 'application/json' }),
    };
    world = guardedWorld();
    const { status, body } = await handler(broken as unknown as HttpRequest, world.context);
    expect(status).toBe(400);
    expect(body as string).not.toContain('terminated');
  });
});

test('POST dead-letters/replay with a good body with some of it changed', async () => {
  const headers = { 'content-type': 'application/json' };
  await fc.assert(
    fc.asyncProperty(mutatedJson({ ids: ['undelivered/A/1.json', 'given-up/2.json'] }), async (body) => {
      const sent = {
        method: 'POST',
        url: 'dead-letters/replay',
        body: JSON.stringify(body),
        headers,
      } as const;
      expect([200, 400]).toContain(await isAnswered(replayDeadLetters, sent));
    }),
    run(500),
  );
});

describe('GET', () => {
  const queries: readonly (readonly [string, Handler])[] = [
    ['audit', audit],
    ['findings', findings],
    ['posture', posture],
    ['dead-letters', deadLetters],
  ];
  const name = fc.oneof(
    fc.constantFrom(
      'resourceId',
      'remediator',
      'outcome',
      'correlationId',
      'since',
      'limit',
      'continuationToken',
      'severity',
      'accepted',
      'code',
    ),
    oddText.filter((text) => text.length < 1000),
  );
  const value = fc.oneof(
    oddText.filter((text) => text.length < 1000),
    fc.constantFrom(
      vaultId().id,
      '100',
      '0',
      '-1',
      '1e3',
      '0x10',
      'Infinity',
      '9'.repeat(400),
      'applied',
      'high',
    ),
    fc.constantFrom(
      '2026-11-23T00:00:00Z',
      '0000-01-01T00:00:00+14:00',
      '9999-12-31T23:59:59-14:00',
      '2026-02-31',
    ),
    fc.json().map((json) => Buffer.from(json).toString('base64url')),
  );

  test.each(queries)('%s with any parameters', async (url, handler) => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(name, value), { maxLength: 4 }), async (parameters) => {
        const query = new URLSearchParams(parameters);
        await isAnswered(handler, { method: 'GET', url: `${url}?${query.toString()}` });
      }),
      run(700),
    );
  });

  test.each([
    ['a parameter given twice', `resourceId=${vaultId().id}&resourceId=${vaultId('kv-two').id}`],
    ['a limit given twice', 'limit=1&limit=2'],
    ['a parameter that nobody knows', `member=${CANARY}`],
    ['a prototype', '__proto__=1'],
    ['bytes that are no text', 'resourceId=%ff%fe'],
    [
      'a token that was cut',
      `continuationToken=${Buffer.from('{"nextPartitionKey":"a"').toString('base64url')}`,
    ],
    [
      'a token with more in it',
      `continuationToken=${Buffer.from('{"nextPartitionKey":"a","x":1}').toString('base64url')}`,
    ],
    [
      'a token with an end of line in it',
      `continuationToken=${Buffer.from('{"nextPartitionKey":"a\\r\\nx: y"}').toString('base64url')}`,
    ],
    ['an empty token', 'continuationToken='],
  ])('audit and findings refuse %s', async (_name, query) => {
    for (const [url, handler] of [
      ['audit', audit],
      ['findings', findings],
    ] as const)
      expect(await isAnswered(handler, { method: 'GET', url: `${url}?${query}` })).toBe(400);
  });

  test('the name of a parameter is not echoed at any length', async () => {
    await isAnswered(audit, { method: 'GET', url: `audit?${'x'.repeat(50_000)}=1` });
  });
});

test('a vault that nobody may see costs no call', async () => {
  const resourceId = vaultId().id.replace('11111111', '99999999');
  const body = JSON.stringify({ resourceId });
  expect((await answerOf(remediate, { method: 'POST', url: 'remediate', body })).status).toBe(403);
  expect(world.calls).toEqual([]);
});

test('a body that is nested deeper than a stack is only wrong', async () => {
  const body = JSON.stringify(nested(3000));
  expect((await answerOf(remediate, { method: 'POST', url: 'remediate', body })).status).toBe(400);
});
