import { HttpRequest, type HttpResponseInit } from '@azure/functions';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { approve } from '../../src/functions/approve.js';
import { undo } from '../../src/functions/undo.js';
import { vaultId } from '../engine/fake-world.js';
import { guardedWorld, type GuardedWorld } from './guarded-world.js';
import { mutatedJson } from './mutated-json.js';
import { oddJson } from './odd-json.js';
import { oddText } from './odd-text.js';
import { run } from './run.js';

/*
 * The two answers that are about a record: nobody approves by a header that App Service would not send, and no path and
 * no body is anything but bad input.
 */

let world: GuardedWorld;
vi.mock('../../src/app.js', async (original) => ({
  ...(await original<object>()),
  withEngine: (_log: unknown, work: (engine: unknown) => unknown) => work(world.engine),
  isAppServiceAuthOn: () => true,
}));

const RECORD = '019abcde-0000-7000-8000-000000000001';
const PRINCIPAL = {
  auth_typ: 'aad',
  name_typ: 'name',
  role_typ: 'roles',
  claims: [
    { typ: 'roles', val: 'Holdfast.Approve' },
    { typ: 'oid', val: 'alice' },
  ],
};
const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64');

async function approving(principal: string | null, body: string): Promise<HttpResponseInit> {
  world = guardedWorld();
  world.settings.modes['vault-firewall'] = 'approve';
  const type = { 'content-type': 'application/json' };
  const headers = principal === null ? type : { ...type, 'x-ms-client-principal': principal };
  const request = new HttpRequest({
    method: 'POST',
    url: 'https://holdfast.example/api/approve',
    headers,
    body: { string: body },
  });
  return approve(request, world.context);
}

function judge(answer: HttpResponseInit, statuses: readonly number[]): void {
  expect(statuses).toContain(answer.status);
  expect((answer.headers as Record<string, string>)['content-type']).toBe('application/problem+json');
  expect((answer.body as string).length).toBeLessThan(5000);
  expect(world.calls).toEqual([]);
}

describe('POST approve', () => {
  const good = JSON.stringify({ id: RECORD });

  test('the role lets in: the record is looked for', async () => {
    judge(await approving(encoded(PRINCIPAL), good), [404]);
  });

  test('no other header does', async () => {
    const claim = fc.record({
      typ: fc.oneof(oddText, fc.constantFrom('roles', 'groups', 'oid')),
      val: fc.oneof(oddText, fc.constantFrom('holdfast.approve', 'Holdfast.Approve ', 'Holdfast.Approver')),
    });
    const forged = fc.record({
      auth_typ: fc.constantFrom('aad', 'AAD', 'facebook'),
      claims: fc.array(claim, { maxLength: 4 }),
      role_typ: fc.oneof(oddText, fc.constant('groups')),
    });
    const header = fc.oneof(
      oddText.map((text) => text.replaceAll(/[^\x20-\x7e]/g, '')),
      oddJson.map(encoded),
      forged.map(encoded),
    );
    await fc.assert(
      fc.asyncProperty(header, async (text) => {
        judge(await approving(text, good), [403]);
      }),
      run(400),
    );
    judge(await approving(null, good), [403]);
  });

  test('a good header with some of it changed lets in only whom the role and an id stand in', async () => {
    await fc.assert(
      fc.asyncProperty(mutatedJson(PRINCIPAL), async (principal) => {
        const answer = await approving(encoded(principal), good);
        judge(answer, [403, 404]);
        if (answer.status === 404) {
          expect(JSON.stringify(principal)).toContain('"Holdfast.Approve"');
          expect(JSON.stringify(principal).toLowerCase()).toContain('"aad"');
        }
      }),
      run(400),
    );
  });

  test('any body', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          oddJson.map((json) => JSON.stringify(json)),
          oddText,
          mutatedJson({ id: RECORD }).map((json) => JSON.stringify(json)),
        ),
        async (body) => {
          judge(await approving(encoded(PRINCIPAL), body), [400, 404]);
        },
      ),
      run(400),
    );
  });
});

describe('GET audit/{id}/undo', () => {
  const undoing = async (id: string): Promise<HttpResponseInit> => {
    world = guardedWorld();
    const request = new HttpRequest({
      method: 'GET',
      url: 'https://holdfast.example/api/audit/x/undo',
      params: { id },
    });
    return undo(request, world.context);
  };

  test('any id is bad input, or of no record', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(oddText, fc.uuid(), fc.constantFrom(RECORD, vaultId().id)), async (id) => {
        judge(await undoing(id), [400, 404]);
      }),
      run(300),
    );
  });
});
