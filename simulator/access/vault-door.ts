import { at, listOf, textAt } from '../json.js';
import type { StoredResource } from '../resource.js';
import { uncovered } from './address-cover.js';

/**
 * Why a vault's firewall keeps a caller out; null where it lets every one of the caller's addresses in. Logic Apps
 * is none of the trusted services that `bypass` means (Key Vault's page on service endpoints).
 */
export function shutDoor(vault: StoredResource, addresses: readonly string[]): string | null {
  const value = (name: string): unknown => JSON.parse(vault.state.properties.get(name) ?? 'null');
  const said = value('publicNetworkAccess');
  const access = typeof said === 'string' ? said.toLowerCase() : 'enabled';
  if (access !== 'enabled') return `public network access of ${vault.name} is ${access}`;
  const acls = value('networkAcls');
  if ((textAt(acls, 'defaultAction') ?? 'Allow').toLowerCase() === 'allow') return null;
  const rules = listOf(at(acls, 'ipRules')).flatMap((rule) => textAt(rule, 'value') ?? []);
  const shutOut = uncovered(addresses, rules);
  return shutOut.length === 0 ? null : `the firewall of ${vault.name} does not let ${shutOut.join(', ')} in`;
}
