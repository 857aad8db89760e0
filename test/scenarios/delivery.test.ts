import { readFile, writeFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { QueueClient } from '@azure/storage-queue';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { shut } from '../../demo/estate.js';
import type { HostOptions, RunningHost } from '../../demo/stack.js';
import {
  addVault,
  aclsOf,
  announce,
  eventually,
  OFFICE,
  openVault,
  recordsOf,
  startScenario,
  sweep,
  vaultPath,
  type Scenario,
} from './scenario.js';
import { startTeamsWebhook, type TeamsWebhook } from './teams-webhook.js';

/*
 * Records on their way to Teams, over the running stack and a real HTTPS server in the place of a workflow. Each describe
 * has a stack of its own and waits for minutes, so they run at once.
 */

vi.setConfig({ testTimeout: 400_000 });

interface Told {
  readonly scenario: Scenario;
  readonly webhook: TeamsWebhook;
  readonly startHost: (options?: HostOptions) => Promise<RunningHost>;
  readonly close: () => Promise<void>;
}

/** A scenario whose host tells a webhook, and trusts its certificate beside the simulator's. */
async function startTold(): Promise<Told> {
  const [scenario, webhook] = await Promise.all([startScenario(), startTeamsWebhook()]);
  const { stack } = scenario;
  await stack.stopHost('SIGTERM');
  const { certificatePath } = stack.simulator;
  const trusted = `${certificatePath}.both`;
  await writeFile(trusted, `${await readFile(certificatePath, 'utf8')}\n${webhook.certificate}`);
  const settings = { HOLDFAST_TEAMS_WEBHOOK: webhook.url, NODE_EXTRA_CA_CERTS: trusted };
  const startHost = (options: HostOptions = {}) =>
    stack.startHost({ ...options, settings: { ...settings, ...options.settings } });
  return {
    scenario: { ...scenario, stack: { ...stack, ...(await startHost()) } },
    webhook,
    startHost,
    close: async () => {
      await stack.close();
      await webhook.close();
    },
  };
}

/** Somebody opens a vault, and its event comes; gives how long it took until all of it was done, in milliseconds. */
async function breakVault(scenario: Scenario, name: string): Promise<number> {
  await openVault(scenario.azure, name);
  const start = performance.now();
  await announce(scenario, { uri: vaultPath(name) });
  const took = performance.now() - start;
  expect(aclsOf(scenario.azure, name).defaultAction).toBe('Deny');
  return took;
}

const addVaults = async ({ azure }: Scenario, count: number): Promise<readonly string[]> => {
  const names: string[] = [];
  for (let i = 0; i < count; i += 1) names.push(await addVault(azure, shut(OFFICE)));
  return names;
};

const cardsOf = ({ webhook }: Told, name: string): readonly string[] =>
  webhook.cards().filter((card) => new RegExp(`\\b${name}\\b`).test(card));

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

describe.concurrent('records on their way to Teams', () => {
  describe('a webhook that fails in every way, and comes back', () => {
    let told: Told;
    beforeAll(async () => {
      told = await startTold();
    });
    afterAll(() => told.close());

    it('has everything in the end, and no fix waits for it', async () => {
      const { scenario, webhook } = told;
      const vaults = await addVaults(scenario, 13);
      const [warmUp = '', ...others] = vaults;
      await breakVault(scenario, warmUp);
      await eventually('a card', () => (cardsOf(told, warmUp).length === 1 ? true : null));
      const [card] = cardsOf(told, warmUp);
      expect(card).toContain('Put right by vault-firewall');
      expect(card).toContain('networkAcls › defaultAction: Allow → Deny');
      expect(card).toContain('Written before by bob@contoso.com');

      const calm: number[] = [];
      for (const name of others.slice(0, 6)) calm.push(await breakVault(scenario, name));
      await eventually(
        'a card about all',
        () => others.slice(0, 6).every((name) => cardsOf(told, name).length === 1) || null,
      );

      webhook.misbehave(
        { kind: 'answer', status: 429, headers: { 'retry-after': '13' } },
        { kind: 'reset' },
        { kind: 'hang' },
      );
      const before = webhook.posted.length;
      const stormy: number[] = [];
      for (const [i, name] of others.slice(6).entries()) {
        // Some before anybody has failed, some while the webhook says nothing.
        if (i === 3) await eventually('a hang', () => webhook.posted.length > before + 2 || null, 90_000);
        stormy.push(await breakVault(scenario, name));
      }
      expect(webhook.cards().length).toBe(before);
      expect(median(stormy)).toBeLessThan(2 * median(calm) + 200);
      expect(Math.max(...stormy)).toBeLessThan(10_000);

      const ids = (await recordsOf(scenario)).map(({ id }) => id);
      expect(ids).toHaveLength(vaults.length);
      await eventually(
        'all to be told',
        () => vaults.every((name) => cardsOf(told, name).length > 0) || null,
        200_000,
      );
      // What the hang was given was not accepted: nobody has it twice.
      for (const name of vaults) expect(cardsOf(told, name)).toHaveLength(1);
      const faults = webhook.posted.filter(({ fault }) => fault !== null);
      expect(faults.map(({ fault }) => fault?.kind)).toEqual(['answer', 'reset', 'hang']);
      const next = webhook.posted[before + 1];
      expect((next?.at ?? 0) - (faults[0]?.at ?? 0)).toBeGreaterThanOrEqual(13_000);
      webhook.misbehave({ kind: 'answer', status: 500 });
      const [late = ''] = await addVaults(scenario, 1);
      await breakVault(scenario, late);
      await eventually('one more card', () => cardsOf(told, late)[0] ?? null, 60_000);

      for (const why of [
        'answered 429.',
        'cannot be reached (ECONNRESET).',
        'cannot be reached',
        'answered 500.',
      ])
        expect(scenario.lines.join('\n')).toContain(`The Teams webhook ${why}`);
      expect(
        [...scenario.lines, ...(await recordsOf(scenario)).map((r) => JSON.stringify(r))].join('\n'),
      ).not.toContain(webhook.secret);
    });
  });

  describe('a sweep that finds several vaults open', () => {
    let told: Told;
    beforeAll(async () => {
      told = await startTold();
    });
    afterAll(() => told.close());

    it('is one card, once it is quiet', async () => {
      const { scenario, webhook } = told;
      const vaults = await addVaults(scenario, 6);
      for (const name of vaults) await openVault(scenario.azure, name);
      await sweep(scenario);
      const records = await recordsOf(scenario);
      expect(records.filter(({ outcome }) => outcome === 'applied')).toHaveLength(6);
      const last = Math.max(...records.map(({ time }) => Date.parse(time)));
      await eventually('the digest', () => webhook.posted[0] ?? null, 180_000);
      expect((webhook.posted[0]?.at ?? 0) - last).toBeGreaterThanOrEqual(119_000);
      // Nothing comes after it.
      await pause(8000);
      expect(webhook.posted).toHaveLength(1);
      const [card = ''] = webhook.cards();
      expect(card).toContain('Holdfast: Sweep: 6 resources');
      expect(card).toContain('6 applied');
      for (const name of vaults) expect(card).toContain(name);
    });
  });

  describe('a host that is killed between a record and its delivery', () => {
    let told: Told;
    beforeAll(async () => {
      told = await startTold();
    });
    afterAll(() => told.close());

    it('loses nothing: the message is still on its way, and where it is lost, the next sweep looks', async () => {
      const { scenario, webhook, startHost } = told;
      const [first = '', second = ''] = await addVaults(scenario, 2);
      await breakVault(scenario, first);
      await scenario.stack.stopHost('SIGKILL');
      expect(webhook.posted).toEqual([]);
      const next = { ...scenario, stack: { ...scenario.stack, ...(await startHost()) } };
      expect(await recordsOf(next, { outcome: 'applied' })).toHaveLength(1);
      await eventually('the card of the one who died', () => cardsOf(told, first)[0] ?? null);

      await breakVault(next, second);
      await next.stack.stopHost('SIGKILL');
      await new QueueClient(next.stack.storage, 'deliver').clearMessages();
      const last = { ...scenario, stack: { ...scenario.stack, ...(await startHost()) } };
      await pause(8000);
      expect(cardsOf(told, second)).toEqual([]);
      await sweep(last);
      await eventually('the card of the other', () => cardsOf(told, second)[0] ?? null);
      expect(webhook.cards()).toHaveLength(2);
    });
  });
});
