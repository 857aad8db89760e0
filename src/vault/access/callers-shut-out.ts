import ipaddr from 'ipaddr.js';
import { getIgnoringCase } from '../../types/json.js';
import { propertiesOf, type RecentCaller, type VaultObservation } from '../../types/observation.js';
import { hasPrivateAddress, isCovered, parseBlock, unionOf, type IpRange } from '../ip-range.js';
import { readRanges } from '../needed-addresses.js';
import { rangesOf, readNetworkRules } from '../network-rules.js';

/**
 * Who called an open vault that was never seen shut, from an address that neither a rule nor a reader has, and so
 * loses access when it is shut; the most recent first. Who comes from a private address is left out where the vault
 * has a private endpoint or a virtual network rule to come through. An address that the log leaves empty says nothing.
 */
export function callersShutOut(observation: VaultObservation): readonly RecentCaller[] {
  const { vault, knownGood, recentCallers, readers } = observation;
  const network = readNetworkRules(vault);
  if (network === null || network.isShut || network.isStricter) return [];
  if (knownGood !== null || recentCallers === null) return [];
  const addresses = readers.flatMap((reader) => reader.addresses);
  const allowed = unionOf([...rangesOf(network.ipRules), ...readRanges(addresses)]);
  const hasPrivateWay = network.vnetRules.length > 0 || hasPrivateEndpoint(observation);
  return recentCallers
    .filter(({ address }) => !isLetIn(address.trim(), allowed, hasPrivateWay))
    .toSorted((a, b) => compare(b.lastSeen, a.lastSeen) || compare(a.address, b.address));
}

function isLetIn(address: string, allowed: readonly IpRange[], hasPrivateWay: boolean): boolean {
  if (address === '') return true;
  const range = parseBlock(mappedIpv4(address) ?? address);
  if (range === null) return hasPrivateWay && isPrivateIpv6(address);
  return (hasPrivateWay && hasPrivateAddress(range)) || isCovered(range, allowed);
}

/** `::ffff:1.2.3.4` is the IPv4 address in it. */
function mappedIpv4(address: string): string | null {
  if (!ipaddr.IPv6.isValid(address)) return null;
  const ipv6 = ipaddr.IPv6.parse(address);
  return ipv6.isIPv4MappedAddress() ? ipv6.toIPv4Address().toString() : null;
}

/** Traffic through a service endpoint or a private endpoint may show such an address; the firewall's rules take none. */
function isPrivateIpv6(address: string): boolean {
  return (
    ipaddr.IPv6.isValid(address) && ['uniqueLocal', 'linkLocal'].includes(ipaddr.IPv6.parse(address).range())
  );
}

function hasPrivateEndpoint({ vault }: VaultObservation): boolean {
  const connections = getIgnoringCase(propertiesOf(vault), 'privateEndpointConnections');
  return Array.isArray(connections) && connections.length > 0;
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
