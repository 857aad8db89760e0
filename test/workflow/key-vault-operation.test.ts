import { describe, expect, test } from 'vitest';
import { ENCODED_HOLE, fromText, HOLE } from '../../src/workflow/folded.js';
import {
  connectorOperationOf,
  isOtherPath,
  isSecretPath,
  secretNameIn,
  type KeyVaultOperation,
} from '../../src/workflow/key-vault-operation.js';

const NAME = ENCODED_HOLE;

describe('isOtherPath', () => {
  test.each([
    ["/v2/datasets/@{encodeURIComponent('x')}/items", true],
    ['/secret/db/value', true],
    ['/Secrets/db/value', false],
    ["/keys/@{encodeURIComponent('k')}/decrypt", false],
    ["/@{parameters('p')}/db/value", false],
    ["/s@{'ecrets'}/db/value", false],
    ['/%73ecrets/db/value', false],
    ["@concat('/v2/', item())", false],
    ['/v2', false],
  ])('%s: %s', (path, expected) => {
    expect(isOtherPath(path)).toBe(expected);
  });
});

describe('connectorOperationOf', () => {
  const rows: readonly (readonly [string, string, KeyVaultOperation])[] = [
    ['get secret', '/secrets/db/value', 'get-secret'],
    ['get secret whose name is not known', `/secrets/${NAME}/value`, 'get-secret'],
    ['get secret whose name is put together', `/secrets/db-${HOLE}-x/value`, 'get-secret'],
    ['get secret with a slash in its name, encoded', '/secrets/a%2Fb/value', 'get-secret'],
    ['get secret version', `/secrets/${NAME}/versions/${NAME}/value`, 'get-secret'],
    ['get secret version in a shorter form', `/secrets/${NAME}/${NAME}/value`, 'get-secret'],
    ['decrypt', `/keys/${NAME}/decrypt`, 'decrypt'],
    ['decrypt with a key version', `/keys/${NAME}/versions/${NAME}/decrypt`, 'decrypt'],
    ['in another case, with a slash at the end and a query', '/Secrets/db/VALUE/?x=1', 'get-secret'],
    ['encoded letters do not hide it', '/secrets/db/%76alue', 'get-secret'],
    ['list secrets', '/secrets', 'no-secret'],
    ['list secret versions', `/secrets/${NAME}/versions`, 'no-secret'],
    ['get secret metadata', `/secrets/${NAME}/metadata`, 'no-secret'],
    ['get secret version metadata', `/secrets/${NAME}/versions/${NAME}/metadata`, 'no-secret'],
    ['list keys', '/keys', 'no-secret'],
    ['list key versions', `/keys/${NAME}/versions`, 'no-secret'],
    ['get key metadata', `/keys/${NAME}/metadata`, 'no-secret'],
    ['get key version metadata', `/keys/${NAME}/versions/${NAME}/metadata`, 'no-secret'],
    ['encrypt', `/keys/${NAME}/encrypt`, 'no-secret'],
    ['encrypt with a key version', `/keys/${NAME}/versions/${NAME}/encrypt`, 'no-secret'],
    ['a secret named metadata', '/secrets/metadata/value', 'get-secret'],
    ['a path that is not known', HOLE, 'unknown'],
    ['a path whose end is not known', `/secrets/db/${HOLE}`, 'unknown'],
    ['a path whose end is put together', `/secrets/db/meta${HOLE}`, 'unknown'],
    ['a collection that is not known', `/${HOLE}/db/metadata`, 'unknown'],
    ['a collection that runs into something unknown', `/secrets${HOLE}`, 'unknown'],
    ['a secret without an operation', '/secrets/db', 'unknown'],
    ['an operation that the connector may get', '/secrets/db/backup', 'unknown'],
    ['another collection', '/certificates', 'unknown'],
    ['no path', '', 'unknown'],
  ];
  test.each(rows)('%s', (_, path, expected) => {
    expect(connectorOperationOf(fromText(path))).toBe(expected);
  });
});

describe('isSecretPath', () => {
  const rows: readonly (readonly [string, string, boolean])[] = [
    ['a secret', '/secrets/db', true],
    ['a secret with its version', '/secrets/db/4387e9f3d6e14c459867679a90fd0f79', true],
    ['two slashes, as in the reference', '//secrets/db/', true],
    ['a secret whose name is not known', `/secrets/${HOLE}`, true],
    ['a secret named versions', '/secrets/versions', true],
    ['in capitals or encoded', '/%53ECRETS/db', true],
    ['a collection that is not known', `/${HOLE}`, true],
    ['a collection that runs into something unknown', `/secrets${HOLE}`, true],
    ['what cannot be decoded is read as it stands', '/secrets/%zz', true],
    ['the list of secrets', '/secrets', false],
    ["the list of a secret's versions", '/secrets/db/versions', false],
    ['a key', '/keys/db', false],
    ['a certificate', '/certificates/db', false],
    ['a deleted secret, which comes without its value', '/deletedsecrets/db', false],
    ['no path', '', false],
  ];
  test.each(rows)('%s', (_, path, expected) => {
    expect(isSecretPath(path)).toBe(expected);
  });
});

describe('secretNameIn', () => {
  const rows: readonly (readonly [string, string, string | null])[] = [
    ['a secret on a vault', '/secrets/DB', 'db'],
    ["a connector's path, encoded", '/secrets/db%2D1/value', 'db-1'],
    ['a name that is not known', `/secrets/${NAME}/value`, null],
    ['a name that is known in part', `/secrets/db${HOLE}/value`, null],
    ['a list', '/secrets', null],
    ['a key', '/keys/db/decrypt', null],
    ['a collection that is not known', `/${HOLE}/db`, null],
  ];
  test.each(rows)('%s', (_, path, expected) => {
    expect(secretNameIn(path)).toBe(expected);
  });
});
