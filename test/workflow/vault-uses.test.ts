import { describe, expect, test } from 'vitest';
import type { VaultPermission } from '../../src/types/observation.js';
import { ENCODED_HOLE, fromText, HOLE, UNKNOWN } from '../../src/workflow/folded.js';
import {
  connectorPermissionOf,
  mayBeConnectorPath,
  restPermissionOf,
} from '../../src/workflow/vault-uses.js';

const NAME = ENCODED_HOLE;

describe('connectorPermissionOf', () => {
  const rows: readonly (readonly [string, string, VaultPermission | null])[] = [
    ['get secret', '/secrets/db/value', 'secrets/get'],
    ['get secret whose name is not known', `/secrets/${NAME}/value`, 'secrets/get'],
    ['get secret version', `/secrets/${NAME}/versions/${NAME}/value`, 'secrets/get'],
    ['get secret version in a shorter form', `/secrets/${NAME}/${NAME}/value`, 'secrets/get'],
    ['list secrets', '/Secrets/?x=1', 'secrets/list'],
    ['list secret versions', `/secrets/${NAME}/versions`, 'secrets/list'],
    ['secret metadata, of which nothing is documented', '/secrets/db/metadata', null],
    ['secret version metadata', `/secrets/db/versions/${NAME}/metadata`, null],
    ['list keys', '/keys', 'keys/list'],
    ['list key versions', '/keys/k/versions', 'keys/list'],
    ['key metadata', '/keys/k/metadata', null],
    ['encrypt', '/keys/k/encrypt', 'keys/encrypt'],
    ['decrypt with a key version', `/keys/k/versions/${NAME}/decrypt`, 'keys/decrypt'],
    ['decrypt of a secret, which there is not', '/secrets/k/decrypt', null],
    ['a path whose end is not known', `/secrets/db/${HOLE}`, null],
    ['a collection that is not known', `/${HOLE}/db/value`, null],
    ['a collection that runs into something unknown', `/secrets${HOLE}`, null],
    ['an operation that the connector may get', '/secrets/db/backup', null],
    ['no path', '', null],
  ];
  test.each(rows)('%s', (_, path, expected) => {
    expect(connectorPermissionOf(fromText(path))).toBe(expected);
  });
});

describe('restPermissionOf', () => {
  const rows: readonly (readonly [string, string | null, string, VaultPermission | null])[] = [
    ['get a secret', 'GET', '/secrets/db', 'secrets/get'],
    ['get a secret version', 'GET', '//Secrets/db/4387e9f3', 'secrets/get'],
    ['get a secret whose name is not known', 'GET', `/secrets/${HOLE}`, 'secrets/get'],
    [
      'get the versions of a secret whose name is not known',
      'GET',
      `/secrets/${NAME}/versions`,
      'secrets/list',
    ],
    ['get something of a secret, versions perhaps', 'GET', `/secrets/db/${HOLE}`, null],
    ['list secrets', 'GET', '/secrets', 'secrets/list'],
    ["list a secret's versions", 'GET', '/secrets/db/versions', 'secrets/list'],
    ['set a secret', 'PUT', '/secrets/db', 'secrets/set'],
    ['change a secret', 'PATCH', '/secrets/db/4387e9f3', 'secrets/set'],
    ['delete a secret', 'DELETE', '/secrets/db', 'secrets/delete'],
    ['back a secret up', 'POST', '/secrets/db/backup', 'secrets/backup'],
    ['restore a secret', 'POST', '/secrets/restore', 'secrets/restore'],
    ['list deleted secrets', 'GET', '/deletedsecrets', 'secrets/list'],
    ['get a deleted secret', 'GET', '/deletedsecrets/db', 'secrets/get'],
    ['recover a deleted secret', 'POST', '/deletedsecrets/db/recover', 'secrets/recover'],
    ['purge a deleted secret', 'DELETE', '/deletedsecrets/db', 'secrets/purge'],
    ['get a key', 'GET', '/keys/k/1', 'keys/get'],
    ['create a key', 'POST', '/keys/k/create', 'keys/create'],
    ['import a key', 'PUT', '/keys/k', 'keys/import'],
    ['rotate a key', 'POST', '/keys/k/rotate', 'keys/rotate'],
    ['decrypt', 'post', '/keys/k/1/decrypt', 'keys/decrypt'],
    ['sign with the latest version', 'POST', '/keys/k/sign', 'keys/sign'],
    ['unwrap', 'POST', '/keys/k/1/unwrapKey', 'keys/unwrapkey'],
    ['do something with a key', 'POST', `/keys/k/1/${HOLE}`, null],
    ['a rotation policy, on which the sources disagree', 'GET', '/keys/k/rotationpolicy', null],
    ['list certificates', 'GET', '/certificates', 'certificates/list'],
    ['get a certificate', 'GET', '/certificates/c', 'certificates/get'],
    ["get a certificate's policy", 'GET', '/certificates/c/policy', 'certificates/get'],
    ['merge a certificate', 'POST', '/certificates/c/pending/merge', 'certificates/create'],
    [
      'the contacts, which are no certificate',
      'GET',
      '/certificates/contacts',
      'certificates/managecontacts',
    ],
    ['delete the contacts', 'DELETE', '/certificates/contacts', 'certificates/managecontacts'],
    ['an issuer', 'PATCH', '/certificates/issuers/i', null],
    ['a certificate, or the contacts', 'GET', `/certificates/${NAME}`, null],
    ['list deleted certificates, on which the source is not clear', 'GET', '/deletedcertificates', null],
    ['a managed storage account', 'GET', '/storage/s', null],
    ['a method that is not known', null, '/secrets/db', null],
    ['a method that there is not', 'HEAD', '/secrets/db', null],
    ['a path that is not known', 'GET', `/${HOLE}`, null],
    ['no path', 'GET', '', null],
    ['something below what there is', 'GET', '/secrets/a/b/c', null],
  ];
  test.each(rows)('%s', (_, method, path, expected) => {
    expect(restPermissionOf(method, path)).toBe(expected);
  });
});

describe('mayBeConnectorPath', () => {
  test.each([
    ['/secrets/x/metadata', true],
    ['/Keys', true],
    [`/${HOLE}/x`, true],
    ['/v2/Mail', false],
    ['', false],
  ])('%j: %s', (path, expected) => {
    expect(mayBeConnectorPath(fromText(path))).toBe(expected);
  });

  test('a path that is not known at all', () => {
    expect(mayBeConnectorPath(UNKNOWN)).toBe(true);
  });
});
