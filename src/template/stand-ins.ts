import { tryParseResourceId } from '../types/resource-id.js';
import { HOLE } from '../workflow/folded.js';
import { madeOf, unknownOf, type Outcome } from './outcome.js';

/**
 * Names and ids in place of those that only a deployment has. They are never shown; they are there to tell whether two
 * places name the same resource, and of which kind it is.
 */
export const SUBSCRIPTION_ID = '00000000-0000-0000-0000-000000000000';
export const RESOURCE_GROUP = 'resource-group';
export const GROUP_ID = `/subscriptions/${SUBSCRIPTION_ID}/resourceGroups/${RESOURCE_GROUP}`;

const PREFIX = {
  group: GROUP_ID,
  subscription: `/subscriptions/${SUBSCRIPTION_ID}`,
  tenant: '',
} as const;

/**
 * `resourceId([subscription], [group], type, name, …)` and its kin. Where it is that the resource lies matters to nobody here:
 * what has the same name is taken for the same.
 * https://learn.microsoft.com/azure/azure-resource-manager/templates/template-functions-resource#resourceid
 */
export function resourceIdOf(args: readonly Outcome[], scope: keyof typeof PREFIX): Outcome {
  const texts = args.map(({ value }) => value);
  const at = texts.findIndex((text) => typeof text === 'string' && /^[\w.]+\//.test(text));
  const type = texts[at];
  const names = texts.slice(at + 1);
  if (typeof type !== 'string' || !names.every((name) => typeof name === 'string')) return unknownOf(args);
  const [namespace = '', ...types] = type.split('/');
  const parts = types.flatMap((part, i) => [part, names[i] ?? HOLE]);
  const id = `${PREFIX[scope]}/providers/${[namespace, ...parts].join('/')}`;
  return madeOf(args, id);
}

/** The name of what has none before the deployment; `what` keeps two of them apart. */
export function standInName(what: string): string {
  const name = what.replace(/[^\w.()-]/g, '');
  return `unknown.${name === '' ? 'name' : name}`.slice(0, 80);
}

/** The id of a resource of a template, whatever it is called there. */
export function standInId(
  kind: 'Microsoft.Logic/workflows' | 'Microsoft.Web/connections' | 'Microsoft.KeyVault/vaults',
  name: string,
): string {
  const wanted = `${GROUP_ID}/providers/${kind}/${name.replaceAll(HOLE, 'unknown')}`;
  return tryParseResourceId(wanted) === null ? `${GROUP_ID}/providers/${kind}/${standInName(name)}` : wanted;
}
