import { badRequest } from '../arm/arm-error.js';
import { textAt } from '../json.js';
import { membersOf, objectText } from '../raw-json.js';
import type { Switches } from '../switches.js';

interface Range {
  readonly first: number;
  readonly last: number;
}

interface IpRule extends Range {
  readonly prefix: number;
  readonly network: number;
}

/** The names and texts of https://github.com/Azure/azure-powershell/issues/11471; RFC 1918 and no more is sure. */
const PRIVATE: readonly (Range & { readonly text: string })[] = [
  range('10.0.0.0', '10.255.255.255'),
  range('172.16.0.0', '172.31.255.255'),
  range('192.168.0.0', '192.168.255.255'),
];

const RESERVED = [
  range('0.0.0.0', '0.255.255.255'),
  range('100.64.0.0', '100.127.255.255'),
  range('127.0.0.0', '127.255.255.255'),
  range('169.254.0.0', '169.254.255.255'),
  range('224.0.0.0', '255.255.255.255'),
];

const MAX_RULES = 1000;

/** The rules as the vault stores them: each address with its prefix, nothing else about a rule touched. */
export function normaliseIpRules(items: readonly string[], switches: Readonly<Switches>): string[] {
  if (items.length > MAX_RULES) {
    // The limit is documented, the wording is not.
    throw badRequest(
      `Invalid value found at properties.networkAcls.ipRules: a vault can have at most ${MAX_RULES} IP rules, and ${items.length} were given.`,
    );
  }
  const ranges: IpRule[] = [];
  const normalised = items.map((item, i) => {
    const value = textAt(JSON.parse(item), 'value');
    const path = `properties.networkAcls.ipRules[${i}].value`;
    const parsed = parseRule(value, path);
    checkRule(value ?? '', parsed, path, switches);
    ranges.push(parsed);
    const members = membersOf(item);
    for (const key of members.keys()) {
      if (key.toLowerCase() === 'value') members.set(key, JSON.stringify(asStored(value ?? '')));
    }
    return objectText(members);
  });
  if (switches.overlappingRules === 'reject') checkOverlaps(ranges);
  return normalised;
}

/** A single address comes back with /32 (the example of the specification shows it). */
function asStored(value: string): string {
  return value.includes('/') ? value : `${value}/32`;
}

function parseRule(value: string | undefined, path: string): IpRule {
  const match = /^((?:\d{1,3}\.){3}\d{1,3})(?:\/(\d{1,2}))?$/.exec(value ?? '');
  const address = match?.[1] === undefined ? null : parseAddress(match[1]);
  const prefix = match?.[2] === undefined ? 32 : Number(match[2]);
  if (address === null || prefix > 32) {
    throw badRequest(
      `Invalid value found at ${path}: ${value ?? 'null'} is not a valid IPv4 address or CIDR block.`,
    );
  }
  const size = 2 ** (32 - prefix);
  const network = Math.floor(address / size) * size;
  return { first: network, last: network + size - 1, prefix, network: address };
}

function checkRule(value: string, rule: IpRule, path: string, switches: Readonly<Switches>): void {
  const forbidden = PRIVATE.find((block) => isInside(rule, block));
  if (forbidden !== undefined) {
    throw badRequest(
      `Invalid value found at ${path}: ${value} belongs to forbidden range ${forbidden.text} (private IP addresses)`,
    );
  }
  if (switches.reservedRules === 'reject' && RESERVED.some((block) => isInside(rule, block))) {
    throw badRequest(`Invalid value found at ${path}: ${value} belongs to a reserved range.`);
  }
  if (switches.unalignedRules === 'reject' && rule.network !== rule.first) {
    throw badRequest(`Invalid value found at ${path}: ${value} has host bits set.`);
  }
  if (switches.slash31Rules === 'reject' && rule.prefix === 31) {
    throw badRequest(`Invalid value found at ${path}: ${value} has a prefix that is not supported.`);
  }
}

function checkOverlaps(rules: readonly IpRule[]): void {
  const sorted = rules.toSorted((a, b) => a.first - b.first || b.last - a.last);
  sorted.forEach((rule, i) => {
    const before = sorted[i - 1];
    const isSame = before?.first === rule.first && before.last === rule.last;
    if (before === undefined || isSame || rule.first > before.last) return;
    throw badRequest('Invalid value found at properties.networkAcls.ipRules: the IP rules overlap.');
  });
}

function isInside(inner: Range, outer: Range): boolean {
  return inner.first >= outer.first && inner.last <= outer.last;
}

function range(first: string, last: string): Range & { readonly text: string } {
  return { first: parseAddress(first) ?? 0, last: parseAddress(last) ?? 0, text: `${first}–${last}` };
}

/** Null for what is not four numbers up to 255, or has a leading zero, which some read as octal. */
function parseAddress(text: string): number | null {
  const parts = text.split('.');
  if (parts.some((part) => Number(part) > 255 || (part.length > 1 && part.startsWith('0')))) return null;
  return parts.reduce((number, part) => number * 256 + Number(part), 0);
}
