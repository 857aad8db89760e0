import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { REMEDIATORS } from '../../src/remediators/index.js';
import { REMEDIATOR_IDS } from '../../src/types/remediator-id.js';

const READS = {
  vault: 'Microsoft.KeyVault/vaults/read',
  'deleted-vault': 'Microsoft.KeyVault/deletedVaults/read',
  workflow: 'Microsoft.Logic/workflows/read',
  connection: 'Microsoft.Web/connections/read',
} as const;

const ids = REMEDIATORS.map(({ id }) => id);
const namesIn = (folder: string, ending: string): string[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith(ending) && /^(?:vault|workflow|connection)-/.test(name))
    .map((name) => name.slice(0, -ending.length))
    .sort();

test('the registry holds every remediator once, in the order of its ids', () => {
  expect(ids).toEqual([...REMEDIATOR_IDS]);
});

test.each([
  ['source file', 'src/remediators', '.ts'],
  ['test', 'test/remediators', '.test.ts'],
  ['doc page', 'docs/remediators', '.md'],
])('each remediator has its %s, and there is no other', (_what, folder, ending) => {
  expect(namesIn(folder, ending)).toEqual([...ids].sort());
});

test.each(REMEDIATORS.map((remediator) => [remediator.id, remediator] as const))(
  '%s declares what it needs: to read, and to write what it applies to',
  (_id, { appliesTo, permissions }) => {
    for (const kind of appliesTo) {
      expect(permissions.read).toContain(READS[kind]);
    }
    // One that only sees has nothing to write.
    if (permissions.write.length > 0) expect(permissions.write.join()).toMatch(/\/write/);
    // Holdfast never asks for a secret: every action is one of the management plane.
    expect(
      [...permissions.read, ...permissions.write].filter((action) =>
        /vaults\/(?:secrets|keys|certificates)/i.test(action),
      ),
    ).toEqual([]);
  },
);

test.each(ids)('%s: its doc page says what it is called and which permissions it needs', (id) => {
  const page = readFileSync(`docs/remediators/${id}.md`, 'utf8');
  const remediator = REMEDIATORS.find((one) => one.id === id);
  expect(page).toContain(id);
  for (const action of [...(remediator?.permissions.read ?? []), ...(remediator?.permissions.write ?? [])]) {
    expect(page).toContain(action);
  }
});
