import type { Edit } from './audit-client.js';

/** One line for each change: `networkAcls › defaultAction: Allow → Deny`. */
export function describeEdits(all: readonly Edit[]): readonly string[] {
  const edits = all.filter(({ before, after }) => JSON.stringify(before) !== JSON.stringify(after));
  return edits.flatMap((edit, i) => {
    const trimmed = trimmedPolicy(edit, edits[i + 1]);
    if (trimmed !== null) return [trimmed];
    const isSecondHalf = trimmedPolicy(edits[i - 1], edit) !== null;
    return isSecondHalf ? [] : [describeEdit(edit)];
  });
}

function describeEdit({ op, path, before, after }: Edit): string {
  const place = placeOf(path);
  if (op === 'add') return `${place}: + ${short(after)}`;
  if (op === 'remove') return `${place}: − ${short(before)}`;
  return `${place}: ${before === null ? 'not set' : short(before)} → ${short(after)}`;
}

/** What stands in every path of a resource, and says nothing to whoever looks at an action or a rule. */
const OBVIOUS = new Set([
  'properties',
  'definition',
  'actions',
  'runtimeConfiguration',
  'diagnosticSettings',
  'connections',
]);

function placeOf(path: string): string {
  const names = path
    .replace('/parameters/$connections/value/', '/$connections/')
    .split('/')
    .slice(1)
    .map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'));
  return names.filter((name) => !OBVIOUS.has(name)).join(' › ');
}

interface Policy {
  readonly objectId: string;
  readonly permissions: Readonly<Record<string, readonly string[] | undefined>>;
}

/** One principal's access policy that goes and comes back with fewer permissions; null for anything else. */
function trimmedPolicy(removed: Edit | undefined, added: Edit | undefined): string | null {
  if (removed?.op !== 'remove' || added?.op !== 'add' || removed.path !== added.path) return null;
  const [before, after] = [removed.before, added.after];
  if (!isPolicy(before) || !isPolicy(after) || before.objectId !== after.objectId) return null;
  return `${placeOf(removed.path)} › ${before.objectId}: ${permissionsOf(before)} → ${permissionsOf(after)}`;
}

function isPolicy(value: unknown): value is Policy {
  return typeof value === 'object' && value !== null && 'objectId' in value && 'permissions' in value;
}

function permissionsOf({ permissions }: Policy): string {
  return Object.entries(permissions)
    .filter(([, held]) => (held?.length ?? 0) > 0)
    .map(([kind, held]) => `${kind} ${held?.join(', ') ?? ''}`)
    .join('; ');
}

const MOST_TEXT = 60;

function short(value: unknown): string {
  if (typeof value === 'string') return value.startsWith('/subscriptions/') ? nameIn(value) : value;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if ('value' in value) return String(value.value);
  if (isJustType(value)) return value.type;
  const text = JSON.stringify(value);
  const vaultName = /"vaultName":(?:\{"value":)?"([^"]+)"/.exec(text)?.[1];
  if (vaultName !== undefined) return `a connection to ${vaultName} with the managed identity`;
  const workspace = /"workspaceId":"([^"]+)"/.exec(text)?.[1];
  if (workspace !== undefined) return `audit events to ${nameIn(workspace)}`;
  return text.length > MOST_TEXT ? `${text.slice(0, MOST_TEXT)}…` : text;
}

function isJustType(value: object): value is { readonly type: string } {
  return 'type' in value && typeof value.type === 'string' && Object.keys(value).length === 1;
}

/** The last part of a resource's id. */
export function nameIn(resourceId: string): string {
  return resourceId.slice(resourceId.lastIndexOf('/') + 1);
}
