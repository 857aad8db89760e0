import { describe, expect, it, test } from 'vitest';
import { constant, ENCODED_HOLE, fromText, HOLE, UNKNOWN, type Folded } from '../../src/workflow/folded.js';
import {
  isVaultAudience,
  leadsElsewhere,
  toVaultName,
  uriTargetOf,
  type UriTarget,
} from '../../src/workflow/vault-uri.js';

const vault = (vaultName: string | null, path = '/secrets/x'): UriTarget => ({
  kind: 'vault',
  vaultName,
  path,
});
const elsewhere = (path: string): UriTarget => ({ kind: 'elsewhere', path });
const unresolved: UriTarget = { kind: 'unresolved' };

describe('leadsElsewhere', () => {
  test.each([
    ['a host that is written', 'https://example.org/a/@{item()}', true],
    ['without an expression', ' HTTP://example.org?x=1', true],
    ['a vault', 'https://kv1.vault.azure.net/secrets/@{item()}', false],
    ['a host that goes on in an expression', 'https://example@{item()}/a', false],
    ['a user before the host', 'https://example.org@kv1.vault.azure.net/secrets/x', false],
    ['a host that ends the text', 'https://example.org', false],
    ['an expression', "@concat('https://example.org/', item())", false],
    ['no host', 'https:///a', false],
    ['a path alone', '/secrets/x', false],
  ])('%s', (_, uri, expected) => {
    expect(leadsElsewhere(uri)).toBe(expected);
  });
});

describe('uriTargetOf', () => {
  const rows: readonly (readonly [string, Folded, UriTarget])[] = [
    [
      'a vault of the public cloud',
      fromText('https://kv1.vault.azure.net/secrets/x?api-version=7.4'),
      vault('kv1'),
    ],
    ['a vault in China', fromText('https://kv-1.vault.azure.cn/secrets/x'), vault('kv-1')],
    ['a vault of the US government', fromText('https://kv1.vault.usgovcloudapi.net/secrets/x'), vault('kv1')],
    ['a vault in Germany', fromText('https://kv1.vault.microsoftazure.de/secrets/x'), vault('kv1')],
    [
      'a vault by the name of its private endpoint',
      fromText('https://kv1.privatelink.vaultcore.azure.net/secrets/x'),
      vault('kv1'),
    ],
    [
      'in capitals, with user, port and a dot at the end',
      fromText(' HTTPS://me@KV1.Vault.Azure.Net.:443/secrets/x#y'),
      vault('kv1'),
    ],
    ['a vault without a path', fromText('https://kv1.vault.azure.net'), vault('kv1', '')],
    ['a label that is no vault name', fromText('https://k_v.vault.azure.net/secrets/x'), vault(null)],
    [
      'a path that is not known',
      fromText(`https://kv1.vault.azure.net/secrets/${HOLE}`),
      vault('kv1', `/secrets/${HOLE}`),
    ],
    [
      'something unknown right behind the host',
      fromText(`https://kv1.vault.azure.net${HOLE}`),
      vault('kv1', `/${HOLE}`),
    ],
    ['a port that is not known', fromText(`https://kv1.vault.azure.net:${HOLE}/secrets/x`), vault('kv1')],
    ['a name that is not known', fromText(`https://${HOLE}.vault.azure.net/secrets/x`), vault(null)],
    [
      'a name that is known in part',
      fromText(`https://kv-${ENCODED_HOLE}.vault.azure.net/secrets/x`),
      vault(null),
    ],
    ['a cloud that is not known', fromText(`https://kv1.${HOLE}.net/secrets/x`), unresolved],
    ['a host that is not known', fromText(`https://${HOLE}/secrets/x`), unresolved],
    ['a URI that is known only from its path on', fromText(`${HOLE}/secrets/x`), unresolved],
    ['a URI that is not known', UNKNOWN, unresolved],
    [
      'a host that ends otherwise, whatever it begins with',
      fromText(`https://${HOLE}.example.com/secrets/x`),
      elsewhere('/secrets/x'),
    ],
    ['another host', fromText('https://graph.microsoft.com/v1.0'), elsewhere('/v1.0')],
    [
      'a host that only looks like a vault',
      fromText('https://kv.vault.azure.net.evil.com/secrets/x'),
      elsewhere('/secrets/x'),
    ],
    [
      'a host that ends in the letters of a vault',
      fromText('https://evilvault.azure.net/secrets/x'),
      elsewhere('/secrets/x'),
    ],
    ['the cloud without a vault', fromText('https://vault.azure.net/secrets/x'), elsewhere('/secrets/x')],
    [
      'a vault in the query',
      fromText('https://a.com/?u=https://kv.vault.azure.net/secrets/x'),
      elsewhere('/'),
    ],
    ['a vault as the user', fromText('https://kv.vault.azure.net@a.com/'), elsewhere('/')],
    [
      'the management plane of a vault',
      fromText(`https://management.azure.com/${HOLE}/vaults/kv`),
      elsewhere(`/${HOLE}/vaults/kv`),
    ],
    ['no URI', fromText('/secrets/x'), elsewhere('/secrets/x')],
  ];
  test.each(rows)('%s', (_, uri, expected) => {
    expect(uriTargetOf(uri)).toEqual(expected);
  });
});

describe('isVaultAudience', () => {
  const rows: readonly (readonly [string, Folded, boolean])[] = [
    ['of the public cloud', constant('https://vault.azure.net'), true],
    ['with a slash and a space at the end', constant('https://vault.azure.net/ '), true],
    ['in capitals', constant('HTTPS://Vault.Azure.Net'), true],
    ['as a scope', constant('https://vault.azure.net/.default'), true],
    ['without a scheme', constant('vault.usgovcloudapi.net'), true],
    ['of a single vault', constant('https://kv.vault.azure.cn'), true],
    ['known but for its end', fromText(`https://vault.azure.net${HOLE}`), true],
    ['of Microsoft Graph', constant('https://graph.microsoft.com'), false],
    ['of the management plane', constant('https://management.azure.com '), false],
    ['that only begins like a vault', constant('https://vault.azure.net.evil.com'), false],
    ['that is not known', UNKNOWN, false],
    ['that is no text', constant(7), false],
  ];
  test.each(rows)('an audience %s', (_, audience, expected) => {
    expect(isVaultAudience(audience)).toBe(expected);
  });
});

describe('toVaultName', () => {
  it('is in lower case and trimmed', () => {
    expect(toVaultName(' KV-Payments ')).toBe('kv-payments');
  });

  test.each(['', 'k', '1kv', 'kv-', 'a'.repeat(25), 'kv.vault.azure.net', "[parameters('kv')]", 'k/v'])(
    '%j is none',
    (text) => {
      expect(toVaultName(text)).toBeNull();
    },
  );
});
