import { expect, it } from 'vitest';
import { vaultLeastPrivilege } from '../../../src/remediators/vault-least-privilege.js';
import { vaultReaders } from '../../../src/remediators/vault-readers.js';
import type { Json } from '../../../src/types/json.js';
import { permissionNames } from '../../../src/vault/access/permission-names.js';
import { observe, principalOf, reader } from '../vault-observation.js';
import { policyOf, vaultOf } from './vault-access.js';

it('a vault with very many entries of one principal is read in one go', () => {
  const many: Json[] = Array.from({ length: 50_000 }, () =>
    policyOf(principalOf('la-one'), { keys: ['get'] }),
  );
  const readers = Array.from({ length: 2_000 }, () => reader('la-one', []));
  const observation = observe(null, { vault: vaultOf(...many), readers });
  const started = performance.now();
  expect(vaultLeastPrivilege.plan(observation).refusals).toHaveLength(1);
  // Quadratic work takes minutes here.
  expect(performance.now() - started).toBeLessThan(5_000);
});

it('a vault without anything in it is no reader’s', () => {
  const observation = observe(null, { vault: {}, readers: [reader('la-one', [])] });
  expect(vaultReaders.plan(observation).findings).toEqual([]);
  expect(vaultLeastPrivilege.plan(observation)).toMatchObject({ edits: [], findings: [] });
});

it('names at most forty permissions', () => {
  const words = Array.from({ length: 45 }, (_, i) => `secrets/${'abcdefghij'.charAt(i % 10)}${i}` as const);
  expect(permissionNames(words)).toMatch(/^secrets "a0".* and 5 more$/);
});
