import { badRequest } from '../arm/arm-error.js';
import { at, isObject, textAt } from '../json.js';
import { normaliseIpRules } from './ip-rules.js';
import { arrayText, itemsOf, membersOf, objectText, spelledAs, isNullText } from '../raw-json.js';
import type { Switches } from '../switches.js';

const NAMES = ['bypass', 'defaultAction', 'ipRules', 'virtualNetworkRules'];

/** `bypass` when not said is AzureServices, by the specification; an open vault is what azurerm#2164 saw unset. */
const DEFAULTS: readonly (readonly [string, string])[] = [
  ['bypass', '"AzureServices"'],
  ['defaultAction', '"Allow"'],
  ['ipRules', '[]'],
  ['virtualNetworkRules', '[]'],
];

const MAX_SUBNETS = 200;
const SUBNET =
  /^\/subscriptions\/[^/]+\/resourcegroups\/[^/]+\/providers\/microsoft\.network\/virtualnetworks\/[^/]+\/subnets\/[^/]+$/;

/**
 * A `networkAcls` as it is stored, from what was sent. `previous` is what is stored now, where members left out
 * are to be taken from it.
 */
export function normaliseNetworkAcls(
  text: string,
  previous: string | undefined,
  switches: Readonly<Switches>,
): string {
  const parsed: unknown = JSON.parse(text);
  if (!isObject(parsed)) throw badRequest('Invalid value found at properties.networkAcls.');
  const members = spelledAs(membersOf(text), NAMES);
  demandOneOf(members, 'bypass', ['AzureServices', 'None']);
  demandOneOf(members, 'defaultAction', ['Allow', 'Deny']);
  const earlier = isNullText(previous) ? new Map<string, string>() : membersOf(previous ?? '{}');
  for (const [name, fallback] of DEFAULTS) {
    if (isNullText(members.get(name))) members.set(name, earlier.get(name) ?? fallback);
  }
  members.set('ipRules', arrayText(normaliseIpRules(listAt(members, 'ipRules'), switches)));
  members.set('virtualNetworkRules', arrayText(normaliseSubnets(listAt(members, 'virtualNetworkRules'))));
  return objectText(members);
}

/** The ids of the subnets a `networkAcls` names, in lower case. */
export function subnetsOf(networkAcls: string | undefined): readonly string[] {
  if (isNullText(networkAcls)) return [];
  const rules = at(JSON.parse(networkAcls ?? '{}'), 'virtualNetworkRules');
  if (!Array.isArray(rules)) return [];
  return rules.map((rule) => (textAt(rule, 'id') ?? '').toLowerCase());
}

/** What a GET shows of it; undefined for nothing at all. */
export function shownNetworkAcls(text: string, switches: Readonly<Switches>): string | undefined {
  if (switches.openNetworkAclsOnGet === 'as-set' || isNullText(text)) return text;
  const parsed: unknown = JSON.parse(text);
  const isOpen =
    textAt(parsed, 'defaultAction') === 'Allow' &&
    isEmpty(at(parsed, 'ipRules')) &&
    isEmpty(at(parsed, 'virtualNetworkRules'));
  if (!isOpen) return text;
  return switches.openNetworkAclsOnGet === 'null' ? 'null' : undefined;
}

function isEmpty(list: unknown): boolean {
  return list === undefined || (Array.isArray(list) && list.length === 0);
}

function listAt(members: ReadonlyMap<string, string>, name: string): string[] {
  const text = members.get(name) ?? '[]';
  const parsed: unknown = JSON.parse(text);
  if (!Array.isArray(parsed) || !parsed.every(isObject)) {
    throw badRequest(`Invalid value found at properties.networkAcls.${name}.`);
  }
  return itemsOf(text);
}

/** Subnet ids come back in lower case (the example of the specification shows it). */
function normaliseSubnets(items: readonly string[]): string[] {
  if (items.length > MAX_SUBNETS) {
    throw badRequest(
      `Invalid value found at properties.networkAcls.virtualNetworkRules: a vault can have at most ${MAX_SUBNETS} virtual network rules, and ${items.length} were given.`,
    );
  }
  return items.map((item, i) => {
    const id = textAt(JSON.parse(item), 'id')?.toLowerCase();
    if (id === undefined || !SUBNET.test(id)) {
      throw badRequest(`Invalid value found at properties.networkAcls.virtualNetworkRules[${i}].id.`);
    }
    const members = membersOf(item);
    for (const key of members.keys()) {
      if (key.toLowerCase() === 'id') members.set(key, JSON.stringify(id));
    }
    return objectText(members);
  });
}

/** Names in any case are understood, and kept in the specification's spelling. */
function demandOneOf(members: Map<string, string>, name: string, allowed: readonly string[]): void {
  const text = members.get(name);
  if (text === undefined || isNullText(text)) return;
  const value: unknown = JSON.parse(text);
  const found = allowed.find((option) => option.toLowerCase() === String(value).toLowerCase());
  if (found === undefined) {
    throw badRequest(
      `Invalid value found at properties.networkAcls.${name}: ${text}. It must be one of ${allowed.join(', ')}.`,
    );
  }
  members.set(name, JSON.stringify(found));
}
