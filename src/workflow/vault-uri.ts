import { NAMES, toldOnce } from './told-once.js';
import { ENCODED_HOLE, hasHole, HOLE, textOf, type Folded } from './folded.js';

/** Where a URI leads: to a vault (whose name may not be known), elsewhere, or it cannot be told. */
export type UriTarget =
  | { readonly kind: 'vault'; readonly vaultName: string | null; readonly path: string }
  | { readonly kind: 'elsewhere'; readonly path: string }
  | { readonly kind: 'unresolved' };

/**
 * What the host names of vaults end in: each cloud's own (the environments of Azure PowerShell and the Azure
 * CLI), and the zones that private endpoints answer in.
 */
const VAULT_SUFFIXES: readonly string[] = [
  '.vault.azure.net',
  '.vaultcore.azure.net',
  '.vault.azure.cn',
  '.vaultcore.azure.cn',
  '.vault.usgovcloudapi.net',
  '.vaultcore.usgovcloudapi.net',
  '.vault.microsoftazure.de',
  '.vault.cloudapi.eaglex.ic.gov',
  '.vault.cloudapi.microsoft.scloud',
];

/** https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules#microsoftkeyvault */
const VAULT_NAME = /^[a-z][a-z0-9-]{1,22}[a-z0-9]$/;

/** A vault's name in lower case; null where the text is none. */
export function toVaultName(text: string): string | null {
  const name = text.trim().toLowerCase();
  return VAULT_NAME.test(name) ? name : null;
}

export function uriTargetOf(uri: Folded): UriTarget {
  const text = textOf(uri).trim();
  const [, authority = '', path = ''] = /^https?:\/\/([^/?#\\]*)([^?#]*)/is.exec(text) ?? [];
  const leads = whereLeads(authority);
  switch (leads.kind) {
    case 'nowhere':
      return hasHole(text) ? { kind: 'unresolved' } : { kind: 'elsewhere', path: text };
    case 'vault':
      return { kind: 'vault', vaultName: leads.vaultName, path: leads.isWhole ? path : `/${HOLE}` };
    case 'elsewhere':
      return { kind: 'elsewhere', path };
    case 'unresolved':
      return { kind: 'unresolved' };
  }
}

/** Whether a URI leads elsewhere whatever the expressions in it come to: they stand behind a host that is no vault's. */
export function leadsElsewhere(uri: string): boolean {
  const [, authority] = /^\s*https?:\/\/([^/?#\\@]*)[/?#\\]/i.exec(uri) ?? [];
  return authority !== undefined && whereLeads(authority).kind === 'elsewhere';
}

/** Where a URI's authority leads. `isWhole`: whether what follows it is the path. */
type Leads =
  | { readonly kind: 'vault'; readonly vaultName: string | null; readonly isWhole: boolean }
  | { readonly kind: 'nowhere' | 'elsewhere' | 'unresolved' };

const whereLeads = toldOnce((authority): Leads => {
  const host = hostOf(authority);
  if (host === '') return { kind: 'nowhere' };
  const suffix = suffixOf(host);
  if (suffix !== undefined) return { kind: 'vault', vaultName: vaultNameOf(host, suffix), isWhole: true };
  // `https://kv.vault.azure.net@{…}`: what follows the host name is not known, as a path or a port is.
  const start = knownStart(host);
  const known = start === host ? undefined : suffixOf(start);
  if (known !== undefined) return { kind: 'vault', vaultName: vaultNameOf(start, known), isWhole: false };
  return { kind: mayBeVault(host) ? 'unresolved' : 'elsewhere' };
}, NAMES);

/**
 * Whether an access token's audience is a vault's. Authors leave slashes and spaces at its end, which the
 * sign-in service takes.
 */
export function isVaultAudience(audience: Folded): boolean {
  return isVaultAddress(textOf(audience));
}

const isVaultAddress = toldOnce((address): boolean => {
  const text = address.trim().toLowerCase();
  const host = knownStart(hostOf(text.replace(/^https?:\/\//, '').replace(/[/?#\\].*$/s, '')));
  return suffixOf(`.${host}`) !== undefined;
}, NAMES);

/** Without user, port and the dot of a fully qualified name. */
function hostOf(authority: string): string {
  const [host = ''] = authority.slice(authority.lastIndexOf('@') + 1).split(':');
  return host.toLowerCase().replaceAll(ENCODED_HOLE, HOLE).replace(/\.$/, '').trim();
}

/** Without holes at its end. */
function knownStart(host: string): string {
  return host.replace(/\uE000+$/, '');
}

function suffixOf(host: string): string | undefined {
  return VAULT_SUFFIXES.find((suffix) => host.endsWith(suffix));
}

function vaultNameOf(host: string, suffix: string): string | null {
  return toVaultName(host.slice(0, -suffix.length).replace(/\.privatelink$/, ''));
}

/** Whether what is known behind a host's last hole leaves room for a vault's name. */
function mayBeVault(host: string): boolean {
  const hole = host.lastIndexOf(HOLE);
  const end = host.slice(hole + 1);
  return hole >= 0 && VAULT_SUFFIXES.some((suffix) => suffix.endsWith(end));
}
