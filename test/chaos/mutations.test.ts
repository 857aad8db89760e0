import { createHttpHeaders } from '@azure/core-rest-pipeline';
import { expect, test } from 'vitest';
import { buildEstate } from '../../chaos/estate/build-estate.js';
import type { InvariantName, Violation } from '../../chaos/invariants/invariant.js';
import { calm, sweep, untilSettled } from '../../chaos/run/calm.js';
import { judge } from '../../chaos/run/judge.js';
import { inWorld } from '../../chaos/run/in-world.js';
import type { Tamper } from '../../chaos/world/world.js';
import { vaultPath } from '../../demo/estate.js';
import { forbidden, onHttp, onPatch, onRows } from './tampers.js';

/*
 * Each invariant must be able to fail: an engine or a recorder is broken on purpose, outside of it, and exactly the one
 * invariant that forbids it finds something.
 */

/** Lists show the engine no workflows, for the first hour. */
const blind: Tamper = onHttp(async (request, send) => {
  const response = await send(request);
  const isEarly = Date.now() < Date.parse('2026-03-02T09:00:00Z');
  const isList = /\/workflows\?/.test(request.url);
  return isEarly && isList ? { ...response, bodyAsText: '{"value":[]}' } : response;
});

let lastWorkflow = '';
const spy: Tamper = (outside, instance) =>
  onRows('HoldfastMemory', (entity) => ({ ...entity, debug: lastWorkflow }))(
    onHttp(async (request, send) => {
      const response = await send(request);
      if (request.url.includes('/workflows/')) lastWorkflow = response.bodyAsText ?? '';
      return response;
    })(outside, instance),
    instance,
  );

const MUTATIONS: readonly (readonly [string, InvariantName, Tamper])[] = [
  [
    'a recorder that does not write what became of a write',
    'recorded-once',
    onRows('HoldfastAudit', (entity) => (entity.outcome === 'applied' ? null : entity)),
  ],
  [
    'an engine that changes a property more than its edits say',
    'only-edits',
    onPatch((properties) => {
      properties.enabledForDeployment = true;
    }),
  ],
  [
    'an engine that leaves a foreign rule out',
    'foreign-kept',
    onPatch(({ networkAcls }) => {
      if (networkAcls !== undefined)
        networkAcls.ipRules = networkAcls.ipRules.filter(({ value }) => !value.startsWith('198.51.100.'));
    }),
  ],
  ['an engine that overlooks from where Logic Apps call', 'never-shut-out', blind],
  [
    'an engine whose writes never get through',
    'converges',
    onHttp((request, send) =>
      request.method === 'GET' ? send(request) : Promise.resolve(forbidden(request)),
    ),
  ],
  [
    'an engine that does not read Retry-After',
    'retry-after',
    onHttp(async (request, send) => {
      const response = await send(request);
      const headers = createHttpHeaders(response.headers.toJSON());
      headers.delete('retry-after');
      return { ...response, headers };
    }),
  ],
  ['a recorder that keeps what it has read', 'no-secret', spy],
];

/** Two vaults and two playbooks, an hour in which a vault is opened and ARM once has too much to do, and the judgement. */
function violationsOf(tamper: Tamper = (outside) => outside): Promise<readonly Violation[]> {
  return inWorld(1, { tamper }, async (world) => {
    const { vaults } = await buildEstate(world, { vaults: 2, workflows: 2, connections: 1 });
    world.start();
    await world.azure.subscribeEvents({ endpoint: 'https://host.chaos/events' });
    await sweep(world);
    await untilSettled(world);
    world.azure.faults.add({
      method: 'GET',
      path: '*/vaults/*',
      times: 1,
      action: { kind: 'error', status: 429, code: 'TooManyRequests', retryAfter: 4 },
    });
    const networkAcls = {
      defaultAction: 'Allow',
      bypass: 'AzureServices',
      ipRules: [],
      virtualNetworkRules: [],
    };
    await world.azure
      .as('bob@contoso.com')
      .patch(vaultPath(vaults[0] ?? ''), { properties: { networkAcls } });
    await untilSettled(world);
    calm(world);
    return judge(world);
  });
}

test('nothing is violated where nothing is broken', async () => {
  expect(await violationsOf()).toEqual([]);
}, 60_000);

test.each(MUTATIONS)(
  '%s: %s',
  async (_, invariant, tamper) => {
    const violations = await violationsOf(tamper);
    expect([...new Set(violations.map((violation) => violation.invariant))]).toEqual([invariant]);
  },
  60_000,
);
