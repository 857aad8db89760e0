import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OPEN, PIPELINE, shut, vault, vaultPath } from '../../demo/estate.js';
import {
  aclsOf,
  eventually,
  OFFICE,
  ownChanges,
  recordsOf,
  remediate,
  settle,
  startScenario,
  sweep,
  type Scenario,
} from './scenario.js';

/*
 * A template deployment opens 60 vaults at once, before two instances of Holdfast that both hear of each. The limit is
 * the one that is set where nobody sets any: 50.
 */

const NAMES = Array.from({ length: 60 }, (_, i) => `kv-deployed-${i}`);
let scenario: Scenario;

const put = (name: string, networkAcls: object): Promise<unknown> => {
  const { azure } = scenario;
  const properties = { enableSoftDelete: true, enablePurgeProtection: true, networkAcls };
  return azure.as(PIPELINE).put(vaultPath(name), vault(azure, properties));
};
const open = (): readonly string[] =>
  NAMES.filter((name) => aclsOf(scenario.azure, name).defaultAction !== 'Deny');
/** Two instances at 60 vaults take a while; and what is pending will not be for long. */
const rest = async (): Promise<void> => {
  await settle(scenario, 150_000);
  await eventually('every outcome', async () => ((await withOutcome('pending')).length === 0 ? true : null));
};
const withOutcome = (outcome: string) => recordsOf(scenario, { outcome, limit: '1000' });

beforeAll(async () => {
  scenario = await startScenario({
    settings: {
      HOLDFAST_MAX_CHANGES: '',
      // A storage account that is slow to answer has a message tried again: at once, not when its time is over.
      AzureFunctionsJobHost__extensions__queues__visibilityTimeout: '00:00:00',
    },
  });
  for (const name of NAMES) await put(name, shut(OFFICE));
  await sweep(scenario);
  const other = await scenario.stack.startHost();
  await scenario.stack.subscribe();
  await other.subscribe();
}, 60_000);
afterAll(() => scenario.stack.close());

describe('a deployment that opens 60 vaults at once', { timeout: 200_000 }, () => {
  it('has 50 of them shut again, over all instances, and not one more', async () => {
    await Promise.all(NAMES.map((name) => put(name, OPEN)));
    await rest();
    expect(ownChanges(scenario)).toHaveLength(50);
    expect(open()).toHaveLength(10);
    expect(await withOutcome('applied')).toHaveLength(50);
  });

  it('says of each of the others why, once, however often it is looked at', async () => {
    const refused = await withOutcome('refused');
    expect(refused.map(({ resourceId }) => resourceId.split('/').at(-1)).sort()).toEqual([...open()].sort());
    for (const { error, remediator } of refused) {
      expect(remediator).toBe('vault-firewall');
      expect(error).toMatch(/^HOLDFAST_MAX_CHANGES is 50: events have led to 50 changes within an hour/);
    }
    const [still] = open();
    await put(still ?? '', { ...OPEN, bypass: 'None' });
    await put(still ?? '', OPEN);
    await rest();
    expect(await withOutcome('refused')).toHaveLength(10);
    expect(ownChanges(scenario)).toHaveLength(50);
  });

  it('changes one all the same for a person who asks for it by name', async () => {
    const [name] = open();
    const answer = await remediate(scenario, { resourceId: vaultPath(name ?? '') });
    expect(answer.body).toMatchObject({ outcome: 'applied' });
    expect(open()).toHaveLength(9);
  });

  it('has the rest shut by the next sweep, which has a limit of its own', async () => {
    await scenario.stack.sweep();
    await rest();
    expect(open()).toEqual([]);
    expect(ownChanges(scenario)).toHaveLength(60);
    // What was refused is not taken back; what came of it has records of its own.
    expect(await withOutcome('applied')).toHaveLength(60);
    expect(await withOutcome('pending')).toEqual([]);
  });
});
