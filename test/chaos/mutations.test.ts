import type { HttpClient, PipelineRequest, PipelineResponse } from '@azure/core-rest-pipeline';
import { createHttpHeaders } from '@azure/core-rest-pipeline';
import { expect, test } from 'vitest';
import { buildEstate } from '../../chaos/estate/build-estate.js';
import type { InvariantName, Violation } from '../../chaos/invariants/invariant.js';
import { calm, judge, sweep, untilSettled } from '../../chaos/run/calm.js';
import { inWorld } from '../../chaos/run/in-world.js';
import type { Tamper } from '../../chaos/world/world.js';
import { vaultPath } from '../../demo/estate.js';
import type { Outside } from '../../src/app.js';

/*
 * Each invariant must be able to fail: an engine or a recorder is broken on purpose, outside of it, and exactly the one
 * invariant that forbids it finds something.
 */

type Send = HttpClient['sendRequest'];

/** Puts something between the engine and Azure. */
const onHttp =
  (between: (request: PipelineRequest, send: Send) => Promise<PipelineResponse>): Tamper =>
  (outside) => ({
    ...outside,
    http: { sendRequest: (request) => between(request, (sent) => outside.http.sendRequest(sent)) },
  });

type Properties = Record<string, unknown> & {
  networkAcls?: { ipRules: { value: string }[]; defaultAction?: string };
};

/** Has each PATCH of a vault carry other properties than the engine meant. */
const onPatch = (change: (properties: Properties) => void): Tamper =>
  onHttp((request, send) => {
    if (request.method === 'PATCH' && typeof request.body === 'string') {
      const body = JSON.parse(request.body) as { properties: Properties };
      change(body.properties);
      request.body = JSON.stringify(body);
    }
    return send(request);
  });

type Entity = Record<string, unknown>;
type Upsert = (entity: Entity, mode: string, options: object) => Promise<unknown>;
type Submit = (actions: [string, Entity, string][], options: object) => Promise<unknown>;

/** Changes the rows that are written to one table; a row that becomes null is not written, and said to be. */
const onRows =
  (table: string, change: (entity: Entity) => Entity | null): Tamper =>
  (outside: Outside) => ({
    ...outside,
    storage: {
      ...outside.storage,
      table: (name) => {
        const client = outside.storage.table(name);
        if (name !== table) return client;
        const upsertEntity: Upsert = (entity, mode, options) => {
          const changed = change(entity);
          const upsert = Reflect.get(client, 'upsertEntity') as unknown as Upsert;
          return changed === null ? Promise.resolve({ etag: 'none' }) : upsert(changed, mode, options);
        };
        const submitTransaction: Submit = (actions, options) => {
          const left = actions.flatMap(([kind, entity, mode]): [string, Entity, string][] => {
            const changed = change(entity);
            return changed === null ? [] : [[kind, changed, mode]];
          });
          const submit = Reflect.get(client, 'submitTransaction') as unknown as Submit;
          return left.length === 0 ? Promise.resolve([]) : submit(left, options);
        };
        const own: Record<string | symbol, unknown> = { upsertEntity, submitTransaction };
        return new Proxy(client, { get: (target, key) => own[key] ?? (Reflect.get(target, key) as unknown) });
      },
    },
  });

const forbidden = (request: PipelineRequest): PipelineResponse => ({
  request,
  status: 403,
  headers: createHttpHeaders(),
  bodyAsText: '{"error":{"code":"AuthorizationFailed","message":"no"}}',
});

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
