import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isKeyVaultApi, readConnectionFacts } from '../../src/workflow/connections.js';
import { readsOf } from '../../src/workflow/vault-reads.js';
import { readCorpus } from './corpus-workflows.js';

/** Published playbooks, beside the repository where there are any. */
const CORPUS = resolve(__dirname, '../../../shared/corpus');

/** By hand; what is not named here signs in with the managed identity. */
const OTHERS: Readonly<Record<string, string>> = {
  '001': 'user',
  '014': 'unknown',
  '015': 'unknown',
  '016': 'user',
  '017': 'unknown',
  '019': 'application',
  '032': 'user',
  '033': 'user',
  '035': 'user',
};

describe.skipIf(!existsSync(CORPUS))('published playbooks', () => {
  const corpus = existsSync(CORPUS) ? readCorpus(CORPUS) : [];

  it('have Key Vault connections that sign in as they say', () => {
    const found = corpus.flatMap(({ file, connections }) =>
      connections
        .map(readConnectionFacts)
        .filter(({ apiId }) => isKeyVaultApi(apiId))
        .map(({ signIn }) => [file.slice(0, 3), signIn] as const),
    );
    expect(found.length).toBeGreaterThan(20);
    const wrong = found.filter(([number, signIn]) => signIn !== (OTHERS[number] ?? 'managed-identity'));
    expect(wrong).toEqual([]);
  });

  it('do nothing through the connector but get secrets', () => {
    const reads = corpus.flatMap(({ workflows }) =>
      workflows.flatMap((workflow) => readsOf(workflow, new Map()).reads),
    );
    const uses = reads.filter(({ via }) => via === 'connector').flatMap((read) => read.uses);
    expect(uses.length).toBeGreaterThan(20);
    expect([...new Set(uses)]).toEqual(['secrets/get']);
  });
});
