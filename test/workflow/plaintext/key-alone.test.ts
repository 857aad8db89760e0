import { describe, expect, test } from 'vitest';
import { keyAloneOf, type KeyAlone } from '../../../src/workflow/plaintext/key-alone.js';
import { FAKE } from './fake-secrets.js';

describe('a key by itself', () => {
  const rows: readonly (readonly [string, string, Partial<KeyAlone>])[] = [
    ['is a name', 'subject', { role: 'name', telling: null, kind: null, compares: false }],
    ['is a name that tells of a secret', 'x-api-key', { role: 'name', telling: apiKey() }],
    ['has a role in any case', 'RUNAFTER', { role: 'order' }],
    ['leaves the name to what is around it', 'defaultValue', { role: 'unnamed' }],
    ['compares what is under it', 'startsWith', { role: 'name', compares: true }],
    ['is a secret', FAKE.github(), { kind: 'GitHub token' }],
    ['is a long name', 'a'.repeat(300), { role: 'name', kind: null }],
    ['is a name of the prototype', '__proto__', { role: 'name', telling: null }],
    ['is empty', '', { role: 'name', telling: null, kind: null }],
  ];
  test.each(rows)('%s', (_, key, expected) => {
    expect(keyAloneOf(key)).toMatchObject({ name: key, ...expected });
  });

  function apiKey(): KeyAlone['telling'] {
    return { kind: 'API key', demand: 'mixed' };
  }
});
