import { isJsonObject, type Json } from '../../src/types/json.js';

/** One difference between two documents: another value at a path, or a member that a list has more or less. */
export type Difference =
  | { readonly kind: 'value'; readonly path: string; readonly before: Json; readonly after: Json }
  | { readonly kind: 'added' | 'removed'; readonly path: string; readonly member: Json };

/** Lists whose order says nothing. */
const SETS = /\/(?:ipRules|virtualNetworkRules|accessPolicies|secureData\/properties)$/;

/** What Azure sets by itself with every write. */
const SET_BY_AZURE = [
  /^\/(?:systemData|etag)(?:\/|$)/,
  /^\/properties\/(?:provisioningState|createdTime|changedTime|version|accessEndpoint|sku|endpointsConfiguration)(?:\/|$)/,
  /^\/identity\/(?:principalId|tenantId)$/,
];

/** What a vault without the member has all the same: https://learn.microsoft.com/azure/key-vault/general/network-security */
const DEFAULTS: Readonly<Record<string, Json>> = {
  '/properties/networkAcls/bypass': 'AzureServices',
  '/properties/networkAcls/defaultAction': 'Allow',
};

/** Every difference but those that Azure makes by itself; an empty object or list is as good as none. */
export function differencesBetween(before: Json, after: Json): readonly Difference[] {
  return compare('', before, after).filter(({ path }) => !SET_BY_AZURE.some((own) => own.test(path)));
}

function compare(path: string, before: Json | undefined, after: Json | undefined): readonly Difference[] {
  const [was = DEFAULTS[path] ?? null, is = DEFAULTS[path] ?? null] = [
    before ?? undefined,
    after ?? undefined,
  ];
  if (SETS.test(path) && [was, is].every((side) => side === null || Array.isArray(side))) {
    return membersBetween(path, (was ?? []) as readonly Json[], (is ?? []) as readonly Json[]);
  }
  if ([was, is].every((side) => side === null || isJsonObject(side))) {
    const [left, right] = [was, is].map((side) => (isJsonObject(side) ? side : {}));
    const keys = new Set([...Object.keys(left ?? {}), ...Object.keys(right ?? {})]);
    return [...keys].flatMap((key) => compare(`${path}/${escaped(key)}`, left?.[key], right?.[key]));
  }
  return canonical(was) === canonical(is) ? [] : [{ kind: 'value', path, before: was, after: is }];
}

function membersBetween(
  path: string,
  before: readonly Json[],
  after: readonly Json[],
): readonly Difference[] {
  const minus = (list: readonly Json[], others: readonly Json[]): readonly Json[] => {
    const left = others.map(memberKey);
    return list.filter((member) => {
      const at = left.indexOf(memberKey(member));
      if (at >= 0) left.splice(at, 1);
      return at < 0;
    });
  };
  return [
    ...minus(before, after).map((member) => ({ kind: 'removed' as const, path, member })),
    ...minus(after, before).map((member) => ({ kind: 'added' as const, path, member })),
  ];
}

/** What makes two members the same: an IP rule however it is spelled, a subnet in any case. */
export function memberKey(member: Json): string {
  if (!isJsonObject(member)) return canonical(member);
  if (typeof member.value === 'string') return `ip ${member.value.replace(/\/32$/, '')}`;
  if (typeof member.id === 'string') return `subnet ${member.id.toLowerCase()}`;
  return canonical(member).toLowerCase();
}

/** The same text for the same value, whatever the order of its keys. */
export function canonical(value: Json): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonical(item as Json)).join(',')}]`;
  if (!isJsonObject(value)) return JSON.stringify(value);
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined && member !== null)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, member]) => `${JSON.stringify(key)}:${canonical(member as Json)}`);
  return `{${members.join(',')}}`;
}

function escaped(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}
