import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { OpenFinding, ResourceStanding, Standings } from '../../src/engine/ports/standings.js';
import { createStandings } from '../../src/state/standings.js';
import type { StorageAccount } from '../../src/state/storage-account.js';
import { parseResourceId } from '../../src/types/resource-id.js';
import { startAzurite, type Azurite } from './azurite.js';
import { vaultIdOf } from './records.js';

let azurite: Azurite;
let account: StorageAccount;
let standings: Standings;
beforeAll(async () => {
  azurite = await startAzurite();
});
afterAll(() => azurite.stop());
beforeEach(() => {
  account = azurite.newAccount();
  standings = createStandings(account);
});

const idOf = (name: string) => parseResourceId(vaultIdOf(name));

function findings(count: number): readonly OpenFinding[] {
  return Array.from({ length: count }, (_, i) => ({
    id: i.toString(16).padStart(32, '0'),
    remediator: i % 2 === 0 ? 'vault-firewall' : null,
    severity: 'high',
    about: `rule:20.${i % 256}.0.0/16`,
    reason: `The rule 20.${i % 256}.0.0/16 is wide. ${'й'.repeat(50)}`,
    step: 'Take it out.',
    since: '2026-01-02T03:04:05.678Z',
  }));
}

function aStanding(name: string, count: number): ResourceStanding {
  return {
    resourceId: vaultIdOf(name),
    remediators: { 'vault-firewall': 'compliant', 'vault-logging': 'refused' },
    findings: findings(count),
    accepted: {
      [''.padStart(32, '0')]: { at: '2026-01-02T03:04:05.678Z', reason: 'ours', severity: 'high' },
    },
  };
}

describe('how a resource stands', () => {
  test('is null before anything was written', async () => {
    expect(await standings.read(idOf('kv-one'))).toBeNull();
    expect(await standings.readAll()).toEqual(new Map());
  });

  test.each([
    ['nothing open', 0],
    ['some findings', 3],
    ['more findings than one row holds', 3000],
  ])('comes back as it was written, with %s', async (_what, count) => {
    const standing = aStanding('kv-one', count);
    await standings.write(idOf('kv-one'), standing);
    expect(await standings.read(idOf('kv-one'))).toEqual(standing);
    expect(await standings.readAll()).toEqual(new Map([[idOf('kv-one').key, standing]]));
  });

  test('is replaced whole: nothing of a longer one stays behind a shorter one', async () => {
    await standings.write(idOf('kv-one'), aStanding('kv-one', 3000));
    const shorter = aStanding('kv-one', 1);
    await standings.write(idOf('kv-one'), shorter);
    expect(await standings.read(idOf('kv-one'))).toEqual(shorter);
    expect([...(await standings.readAll()).values()]).toEqual([shorter]);
  });

  test('is found by an id in any case, and listed by its key', async () => {
    const standing = aStanding('kv-one', 1);
    await standings.write(parseResourceId(vaultIdOf('kv-one').toUpperCase()), standing);
    expect(await standings.read(idOf('kv-one'))).toEqual(standing);
    expect([...(await standings.readAll()).keys()]).toEqual([idOf('kv-one').key]);
  });

  test('is each resource’s own', async () => {
    await standings.write(idOf('kv-one'), aStanding('kv-one', 1));
    await standings.write(idOf('kv-two'), aStanding('kv-two', 2));
    expect((await standings.readAll()).size).toBe(2);
    await standings.forget(idOf('KV-ONE'));
    expect(await standings.read(idOf('kv-one'))).toBeNull();
    expect(await standings.read(idOf('kv-two'))).toEqual(aStanding('kv-two', 2));
  });

  test('is forgotten with all its rows, and forgetting what is not there is nothing', async () => {
    await standings.write(idOf('kv-one'), aStanding('kv-one', 3000));
    await standings.forget(idOf('kv-one'));
    await standings.forget(idOf('kv-one'));
    expect(await standings.readAll()).toEqual(new Map());
    const again = aStanding('kv-one', 1);
    await standings.write(idOf('kv-one'), again);
    expect(await standings.read(idOf('kv-one'))).toEqual(again);
  });

  test('is the same to every instance on the account', async () => {
    await standings.write(idOf('kv-one'), aStanding('kv-one', 2));
    expect(await createStandings(account).read(idOf('kv-one'))).toEqual(aStanding('kv-one', 2));
  });
});
