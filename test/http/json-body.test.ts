import { HttpRequest, type HttpResponseInit, type InvocationContext } from '@azure/functions';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it, test, vi } from 'vitest';
import { z } from 'zod';
import { acceptFinding } from '../../src/functions/accept-finding.js';
import { approve } from '../../src/functions/approve.js';
import { remediate } from '../../src/functions/remediate.js';
import { replayDeadLetters } from '../../src/functions/replay-dead-letters.js';
import { readJsonBody } from '../../src/http/json-body.js';

const ran = vi.hoisted(() => ({ engine: 0 }));
vi.mock('../../src/app.js', async (original) => ({
  ...(await original<object>()),
  isAppServiceAuthOn: () => true,
  withEngine: () => {
    ran.engine += 1;
    return Promise.reject(new Error('The engine was asked.'));
  },
}));

type Handler = (request: HttpRequest, context: InvocationContext) => Promise<HttpResponseInit>;

/** Every route that changes anything. */
const ROUTES: Readonly<Record<string, Handler>> = { acceptFinding, approve, remediate, replayDeadLetters };
const MAY = Buffer.from(
  JSON.stringify({
    auth_typ: 'aad',
    claims: [
      { typ: 'oid', val: 'bbbbbbbb-0000-4000-8000-000000000002' },
      { typ: 'roles', val: 'Holdfast.Approve' },
    ],
  }),
).toString('base64');

/** Good for one of them, or for none: a wrong type must be refused before that is looked at. */
const BODY = '{}';

function post(contentType: string | null, body = BODY): HttpRequest {
  return new HttpRequest({
    method: 'POST',
    url: 'https://holdfast.example/api/x',
    headers: {
      'x-ms-client-principal': MAY,
      ...(contentType === null ? {} : { 'content-type': contentType }),
    },
    body: { string: body },
  });
}

const context = { log: () => undefined, error: () => undefined } as unknown as InvocationContext;

test('these are all routes that take a POST', () => {
  const registered = [
    ...readFileSync('src/main.ts', 'utf8').matchAll(/app\.http\('(\w+)', \{\s+methods: \['POST'\]/g),
  ];
  expect(registered.map(([, name]) => name).sort()).toEqual(Object.keys(ROUTES));
  const readers = readdirSync('src/functions').filter((file) =>
    readFileSync(`src/functions/${file}`, 'utf8').includes('request.text('),
  );
  expect(readers).toEqual([]);
});

describe.each(Object.entries(ROUTES))('%s', (_name, handler) => {
  it.each([
    ['a form', 'application/x-www-form-urlencoded'],
    ['a form with files', 'multipart/form-data; boundary=x'],
    ['plain text, as a form sends JSON', 'text/plain'],
    ['a type that begins like it', 'application/jsonp'],
    ['a type that has it as a parameter', 'text/plain; application/json'],
    ['two types', 'text/plain, application/json'],
    ['no type', null],
  ])('refuses %s, and asks nothing of the engine', async (_what, type) => {
    const before = ran.engine;
    const answer = await handler(post(type), context);
    expect(answer.status).toBe(415);
    expect((answer.headers as Record<string, string>)['content-type']).toBe('application/problem+json');
    expect(answer.body).toContain('content-type: application/json');
    expect(ran.engine).toBe(before);
  });

  it('refuses what is no JSON', async () => {
    expect((await handler(post('application/json', '{'), context)).status).toBe(400);
  });
});

test.each([
  'application/json',
  'Application/JSON',
  'application/json; charset=utf-8',
  'application/json;charset=utf-8',
])('%s is JSON', async (type) => {
  expect(await readJsonBody(post(type), z.strictObject({}), 'x')).toEqual({ kind: 'json', value: {} });
});
