import { expect, test } from 'vitest';
import { buildEstate, OFFICE } from '../../chaos/estate/build-estate.js';
import { allowMoves } from '../../chaos/estate/moves.js';
import type { Evidence } from '../../chaos/evidence/evidence.js';
import { INVARIANTS } from '../../chaos/invariants/index.js';
import type { InvariantName, Violation } from '../../chaos/invariants/invariant.js';
import { calm, sweep, untilSettled } from '../../chaos/run/calm.js';
import { judge } from '../../chaos/run/judge.js';
import type { Setup } from '../../chaos/run/draw-setup.js';
import { inWorld } from '../../chaos/run/in-world.js';
import type { Tamper, World } from '../../chaos/world/world.js';
import { shut, vaultPath } from '../../demo/estate.js';
import { SUBSCRIPTION } from '../../demo/stack.js';
import { readSettings } from '../../src/settings/settings.js';
import { forbidden, onHttp, onRows } from './tampers.js';

/*
 * What an operator's settings demand must be able to fail, too: exactly the one invariant that forbids what was broken
 * finds something.
 */

const APPROVAL = setupOf({
  HOLDFAST_REMEDIATORS:
    'vault-purge-protection=approve,vault-firewall=approve,vault-logic-app-ips=approve,workflow-secure-outputs=approve',
});
const LIMIT = setupOf({ HOLDFAST_MAX_CHANGES: '1' });
const CONTESTED = setupOf({ HOLDFAST_CONTESTED_AFTER: '1' });
const MOVES = setupOf({ HOLDFAST_REMEDIATORS: 'connection-managed-identity=enforce' });

function setupOf(settings: Readonly<Record<string, string>>): Setup {
  const isMoving = settings.HOLDFAST_REMEDIATORS?.startsWith('connection') === true;
  return { names: [], settings, later: null, isMoving, isAsked: false };
}

/** Two vaults and two playbooks, two hours in which somebody opens a vault again and again, and the judgement. */
function runUnder<T>(
  setup: Setup,
  judged: (world: World, violations: readonly Violation[]) => T,
  tamper: Tamper = (outside) => outside,
): Promise<T> {
  return inWorld(1, { tamper, settings: setup.settings }, async (world) => {
    const estate = await buildEstate(world, { vaults: 2, workflows: 2, connections: setup.isMoving ? 2 : 1 });
    if (setup.isMoving) await allowMoves(world, estate);
    world.start();
    await world.azure.subscribeEvents({ endpoint: 'https://host.chaos/events' });
    await sweep(world);
    await untilSettled(world);
    const networkAcls = { ...shut(OFFICE), defaultAction: 'Allow' };
    for (let times = 0; times < 9; times += 1) {
      await world.azure
        .as('bob@contoso.com')
        .patch(vaultPath(estate.vaults[0] ?? ''), { properties: { networkAcls } });
      await world.time.sleep(15 * 60_000);
    }
    calm(world);
    return judged(world, await judge(world, setup, estate));
  });
}

const namesOf = (violations: readonly Violation[]): readonly string[] => [
  ...new Set(violations.map(({ invariant }) => invariant)),
];

test.each([
  ['approval', APPROVAL],
  ['few changes', LIMIT],
  ['soon contested', CONTESTED],
  ['moved connections', MOVES],
])(
  '%s: nothing is violated where nothing is broken',
  async (_, setup) => {
    expect(await runUnder(setup, (__, violations) => violations)).toEqual([]);
  },
  60_000,
);

let isContested = false;
/** From the first contested edit on, nothing is remembered any more. */
const forgetsPauses: Tamper = (outside, instance) => {
  isContested = false;
  const noting = onRows('HoldfastAudit', (entity) => {
    isContested ||= entity.outcome === 'contested';
    return entity;
  })(outside, instance);
  return onRows('HoldfastMemory', (entity) => (isContested ? null : entity))(noting, instance);
};

/** What one instance counts, the next look does not see. */
const forgetsCounts: Tamper = (outside) => ({
  ...outside,
  storage: {
    ...outside.storage,
    table: (name) => {
      const client = outside.storage.table(name);
      if (name !== 'HoldfastChanges') return client;
      const taken = (): Promise<object> => Promise.resolve({ etag: 'none' });
      const none = (): Promise<never> =>
        Promise.reject(
          Object.assign(new Error('none'), { name: 'RestError', statusCode: 404, code: 'ResourceNotFound' }),
        );
      const own: Record<string | symbol, unknown> = {
        createEntity: taken,
        updateEntity: taken,
        getEntity: none,
      };
      return new Proxy(client, { get: (target, key) => own[key] ?? (Reflect.get(target, key) as unknown) });
    },
  },
});

const onConnections = (change: (body: Record<string, unknown>) => void): Tamper =>
  onHttp((request, send) => {
    if (
      request.method === 'PUT' &&
      request.url.includes('/connections/') &&
      typeof request.body === 'string'
    ) {
      const body = JSON.parse(request.body) as Record<string, unknown>;
      change(body);
      request.body = JSON.stringify(body);
    }
    return send(request);
  });

const MUTATIONS: readonly (readonly [string, InvariantName, Setup, Tamper])[] = [
  ['a count of changes that is forgotten', 'within-limit', LIMIT, forgetsCounts],
  ['a pause that is forgotten', 'left-alone', CONTESTED, forgetsPauses],
  [
    'a recorder that does not say that the limit holds a change back',
    'converges',
    setupOf({ HOLDFAST_MAX_CHANGES: '0' }),
    onRows('HoldfastAudit', (entity) =>
      entity.outcome === 'pending' || entity.outcome === 'refused' ? null : entity,
    ),
  ],
  [
    'a recorder that does not say what waits for approval',
    'converges',
    APPROVAL,
    onRows('HoldfastAudit', (entity) => (entity.outcome === 'planned' ? null : entity)),
  ],
  [
    'an engine that makes another successor than its record says',
    'only-edits',
    MOVES,
    onConnections((body) => {
      body.tags = { owner: 'holdfast' };
    }),
  ],
  [
    'a recorder that does not write that a successor was made',
    'recorded-once',
    MOVES,
    onRows('HoldfastAudit', (entity) =>
      entity.outcome === 'applied' && entity.remediator === 'connection-managed-identity' ? null : entity,
    ),
  ],
  [
    'an engine that never gets a successor made',
    'converges',
    MOVES,
    onHttp((request, send) =>
      request.method === 'PUT' && request.url.includes('/connections/')
        ? Promise.resolve(forbidden(request))
        : send(request),
    ),
  ],
];

test.each(MUTATIONS)(
  '%s: %s',
  async (_, invariant, setup, tamper) => {
    expect(namesOf(await runUnder(setup, (__, violations) => violations, tamper))).toEqual([invariant]);
  },
  60_000,
);

/** What another evidence of a run that is in order comes to. */
const judgedAs = (setup: Setup, other: (world: World) => Partial<Evidence>): Promise<readonly Violation[]> =>
  runUnder(setup, (world) => {
    const evidence = { ...world, ...other(world) };
    return INVARIANTS.flatMap((invariant) => invariant(evidence));
  });

const approvalsOf =
  (change: (approval: Evidence['approvals'][number]) => Evidence['approvals'][number]) =>
  ({ approvals }: World): Partial<Evidence> => ({ approvals: approvals.map(change) });

test.each<readonly [string, Setup, (world: World) => Partial<Evidence>]>([
  [
    'an engine that writes what it should have had approved',
    setupOf({}),
    () => {
      const scope = `/subscriptions/${SUBSCRIPTION}`;
      const environment = { ...APPROVAL.settings, HOLDFAST_SCOPES: scope, HOLDFAST_MODE: 'enforce' };
      const settings = readSettings({ ...environment, AzureWebJobsStorage: 'UseDevelopmentStorage=true' });
      return { deployments: [{ at: 0, settings }] };
    },
  ],
  ['an approval that is carried out later', APPROVAL, approvalsOf((one) => ({ ...one, until: one.from }))],
  [
    'an approval that was of another record',
    APPROVAL,
    ({ approvals }) => ({
      approvals: approvals.map((one, i) => ({
        ...one,
        recordId: approvals.at(i - 1)?.recordId ?? '',
      })),
    }),
  ],
])(
  '%s: approved-only',
  async (_, setup, other) => {
    expect(namesOf(await judgedAs(setup, other))).toEqual(['approved-only']);
  },
  60_000,
);
