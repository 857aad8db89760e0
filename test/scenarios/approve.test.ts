import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { shut } from '../../demo/estate.js';
import { recordId } from '../../src/engine/record/record-id.js';
import type { AuditRecord } from '../../src/types/record.js';
import {
  aclsOf,
  addVault,
  OFFICE,
  openVault,
  ownChanges,
  recordsOf,
  remediate,
  startScenario,
  sweep,
  vaultPath,
  withEvents,
  type Scenario,
} from './scenario.js';

/*
 * A firewall whose plans wait for somebody with the app role, over real servers.
 */

vi.setConfig({ testTimeout: 60_000 });

let scenario: Scenario;
/** A second host, where App Service authentication is not on. */
let withoutAuth: string;

beforeAll(async () => {
  scenario = await startScenario({
    simulator: { events: { timeScale: 0.02 } },
    settings: {
      HOLDFAST_REMEDIATORS: 'vault-firewall=approve',
      HOLDFAST_APP_SERVICE_AUTH: 'on',
      WEBSITE_AUTH_ENABLED: 'True',
    },
  });
  const settings = { HOLDFAST_APP_SERVICE_AUTH: 'on', WEBSITE_AUTH_ENABLED: 'False' };
  withoutAuth = (await scenario.stack.startHost({ settings })).hostUrl;
}, 60_000);
afterAll(() => scenario.stack.close());

const OID = 'http://schemas.microsoft.com/identity/claims/objectidentifier';

function principalWith(...roles: readonly string[]): string {
  const claims = [
    { typ: OID, val: 'bbbbbbbb-0000-4000-8000-000000000002' },
    { typ: 'preferred_username', val: 'ada@contoso.com' },
    ...roles.map((val) => ({ typ: 'roles', val })),
  ];
  const role_typ = 'http://schemas.microsoft.com/ws/2008/06/identity/claims/role';
  return Buffer.from(JSON.stringify({ auth_typ: 'aad', claims, name_typ: 'name', role_typ })).toString(
    'base64',
  );
}

interface Told {
  readonly status: number;
  readonly body: {
    readonly detail?: string;
    readonly outcome?: string;
    readonly remediations?: readonly Partial<AuditRecord>[];
  };
}

async function approve(
  id: string,
  principal: string | null = principalWith('Holdfast.Approve'),
  hostUrl = scenario.stack.hostUrl,
): Promise<Told> {
  const answer = await fetch(`${hostUrl}/api/approve`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(principal === null ? {} : { 'x-ms-client-principal': principal }),
    },
    body: JSON.stringify({ id }),
  });
  return { status: answer.status, body: (await answer.json()) as Told['body'] };
}

async function openedVault(): Promise<{ readonly name: string; readonly id: string; readonly plan: string }> {
  const { azure } = scenario;
  const name = await addVault(azure, shut(OFFICE));
  const id = vaultPath(name);
  await remediate(scenario, { resourceId: id });
  await withEvents(scenario, () => openVault(azure, name));
  const [plan, ...others] = await recordsOf(scenario, { resourceId: id, outcome: 'planned' });
  expect(others).toEqual([]);
  return { name, id, plan: plan?.id ?? '' };
}

describe('a firewall whose plans wait', () => {
  it('is shut by nobody but an approver, and then in their name', async () => {
    const { azure } = scenario;
    const { name, id, plan } = await openedVault();
    await sweep(scenario);
    await remediate(scenario, { resourceId: id });
    expect(ownChanges(scenario).filter(({ resourceId }) => resourceId === id)).toEqual([]);
    expect(await recordsOf(scenario, { resourceId: id })).toHaveLength(1);

    expect(await approve(plan)).toMatchObject({ status: 200, body: { outcome: 'applied', gone: [] } });
    expect(aclsOf(azure, name)).toMatchObject({ defaultAction: 'Deny', ipRules: [{ value: OFFICE }] });
    const [applied] = await recordsOf(scenario, { resourceId: id, outcome: 'applied' });
    expect(applied).toMatchObject({
      trigger: 'http',
      mode: 'enforce',
      actor: { id: 'bbbbbbbb-0000-4000-8000-000000000002', name: 'ada@contoso.com', ip: null },
    });
    expect(await approve(plan)).toMatchObject({ status: 200, body: { outcome: 'compliant' } });
    expect(await approve(applied?.id ?? '')).toMatchObject({ status: 409 });
  });

  it.each<[string, string | null]>([
    ['a function key alone', null],
    ['a token without the role', principalWith('Reader')],
    ['a header that is no JSON', 'bm90IGpzb24='],
    ['a header that is no base64', '{"auth_typ":"aad"}'],
  ])('stays open for %s', async (_what, principal) => {
    const { name, plan } = await openedVault();
    const told = await approve(plan, principal);
    expect(told.status).toBe(403);
    expect(told.body.detail).toContain('Holdfast.Approve');
    expect(aclsOf(scenario.azure, name).defaultAction).toBe('Allow');
  });

  it('stays open where App Service does not say who asks, whatever the header says', async () => {
    const { name, plan } = await openedVault();
    const told = await approve(plan, principalWith('Holdfast.Approve'), withoutAuth);
    expect(told).toMatchObject({ status: 403 });
    expect(told.body.detail).toContain('HOLDFAST_APP_SERVICE_AUTH');
    expect(aclsOf(scenario.azure, name).defaultAction).toBe('Allow');
  });

  it('answers what cannot be approved with why', async () => {
    expect(await approve('no id')).toMatchObject({ status: 400 });
    expect(await approve(recordId(new Date()))).toMatchObject({ status: 404 });
    const { id, plan } = await openedVault();
    scenario.azure.locks.add({ name: 'freeze', scope: id, level: 'ReadOnly' });
    expect(await approve(plan)).toMatchObject({ status: 409, body: { outcome: 'refused' } });
    scenario.azure.locks.remove(id);
    await scenario.azure.as('alice@contoso.com').delete(id);
    expect(await approve(plan)).toMatchObject({ status: 404 });
  });
});
