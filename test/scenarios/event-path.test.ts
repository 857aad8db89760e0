import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  aclsOf,
  addVault,
  ALICE,
  eventually,
  ownChanges,
  settle,
  startScenario,
  vaultNow,
  vaultPath,
  type Scenario,
} from './scenario.js';

const OPEN = { properties: { networkAcls: { bypass: 'None', defaultAction: 'Allow' } } };

let scenario: Scenario;

beforeAll(async () => {
  scenario = await startScenario();
  await scenario.stack.sweep();
  await scenario.stack.subscribe();
}, 120_000);

afterAll(async () => {
  await scenario.stack.close();
});

async function openAgain(name: string): Promise<void> {
  await scenario.azure.as(ALICE).patch(vaultPath(name), OPEN);
}

function shut(name: string): Promise<true> {
  return eventually(`${name} to be shut`, () =>
    aclsOf(scenario.azure, name).defaultAction === 'Deny' ? true : null,
  );
}

/** A vault that Holdfast has shut once already, and again at rest. */
async function knownVault(): Promise<string> {
  const name = await addVault(scenario.azure, { bypass: 'None', defaultAction: 'Allow' });
  await shut(name);
  await settle(scenario);
  return name;
}

describe('an event that needs a write', () => {
  it('asks Azure twice', async () => {
    const { azure } = scenario;
    const name = await knownVault();
    const since = azure.journal.mark();
    await openAgain(name);
    await shut(name);
    await settle(scenario);
    const own = [
      ...azure.journal.reads({ since, under: vaultPath(name) }),
      ...azure.journal.writes({ since }),
    ]
      .filter(({ origin }) => origin === 'client')
      .toSorted((a, b) => a.sequence - b.sequence);
    const write = own.findIndex(({ method }) => method === 'PATCH');
    expect(own.slice(0, write + 1).map(({ method }) => method)).toEqual(['GET', 'PATCH']);
  });

  it('is written once for five events of one change', async () => {
    const { azure } = scenario;
    const name = await knownVault();
    const since = azure.journal.mark();
    azure.switches.set({ eventDuplicates: 4 });
    await openAgain(name);
    await shut(name);
    await settle(scenario);
    azure.switches.set({ eventDuplicates: 0 });
    expect(ownChanges(scenario, since)).toHaveLength(1);
  });
});

describe('a hundred events on one vault at once', () => {
  it('are at most two writes of two instances that both hear of each, and no edit is lost', async () => {
    const { azure, stack } = scenario;
    const other = await stack.startHost();
    await other.subscribe();
    const name = await knownVault();
    const since = azure.journal.mark();
    await openAgain(name);
    for (let i = 1; i < 100; i += 1) {
      await azure.as(ALICE).patch(vaultPath(name), { tags: { edit: String(i) } });
    }
    await shut(name);
    await settle(scenario);
    expect(
      azure.journal.writes({ since, under: vaultPath(name) }).filter(({ origin }) => origin === 'client')
        .length,
    ).toBeLessThanOrEqual(2);
    expect(ownChanges(scenario, since).length).toBeGreaterThanOrEqual(1);
    expect(vaultNow(azure, name).tags).toMatchObject({ edit: '99' });
    await other.stopHost('SIGTERM');
  });
});
