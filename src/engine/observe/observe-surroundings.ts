import { getIgnoringCase, type JsonObject } from '../../types/json.js';
import { propertiesOf, type RoleAssignment } from '../../types/observation.js';
import type { ResourceId } from '../../types/resource-id.js';
import { readNetworkRules } from '../../vault/network-rules.js';
import { ArmError } from '../arm-error.js';
import type { EngineDeps } from '../engine-deps.js';
import type { CallerLog } from '../ports/caller-log.js';
import type { RememberedSurroundings, ResourceMemory } from '../ports/memory.js';

type Asking = Pick<EngineDeps, 'policy' | 'reader' | 'now'>;

/**
 * Reads what belongs to a vault but does not stand in it, as far as a remediator that is on needs it. A part that
 * Azure does not show is not known; it keeps nothing else from being looked at.
 */
export async function readSurroundings(
  deps: Asking,
  id: ResourceId,
  vault: JsonObject,
  before: RememberedSurroundings | null,
  signal: AbortSignal,
): Promise<ReadSurroundings> {
  const isOn = (...ids: readonly Parameters<typeof deps.policy.modeOf>[0][]): boolean =>
    ids.some((remediator) => deps.policy.modeOf(remediator) !== 'off');
  const needsRoles =
    propertiesOf(vault).enableRbacAuthorization === true &&
    isOn('vault-least-privilege', 'vault-readers', 'connection-managed-identity');
  const [roles, settings] = await Promise.all([
    needsRoles ? ask(() => deps.reader.listRoleAssignments(id, signal), signal) : null,
    isOn('vault-logging') ? ask(() => deps.reader.listDiagnosticSettings(id, signal), signal) : null,
  ]);
  const partOf = <T>(
    answer: Answer,
    remembered: T | null | undefined,
    read: (list: Documents) => T,
  ): T | null => {
    if (answer === 'later') return remembered ?? null;
    return Array.isArray(answer) ? read(answer as Documents) : null;
  };
  const isWhole = roles !== 'later' && settings !== 'later';
  const hidden = [
    ...(roles === 'hidden' ? (['roleAssignments'] as const) : []),
    ...(settings === 'hidden' ? (['diagnosticSettings'] as const) : []),
  ];
  return {
    hasSettings: Array.isArray(settings),
    surroundings: {
      ...(before ?? NEVER_READ),
      // What could not be read now is as old as before.
      readAt: isWhole ? deps.now().toISOString() : (before ?? NEVER_READ).readAt,
      roleAssignments: partOf(roles, before?.roleAssignments, (list) => list.flatMap(readRoleAssignment)),
      diagnosticSettings: partOf(settings, before?.diagnosticSettings, (list) => list),
      hidden,
    },
  };
}

export interface ReadSurroundings {
  readonly surroundings: RememberedSurroundings;
  /** Whether the diagnostic settings are as they are now, and not as they are remembered. */
  readonly hasSettings: boolean;
}

type Documents = readonly JsonObject[];

/** `hidden` where Azure will not say, `later` where it could not say now; null where nobody asked. */
type Answer = Documents | 'hidden' | 'later' | null;

async function ask(list: () => Promise<Documents>, signal: AbortSignal): Promise<Answer> {
  try {
    return await list();
  } catch (error) {
    if (!(error instanceof ArmError) || signal.aborted) throw error;
    return ['throttled', 'unavailable'].includes(error.details.kind) ? 'later' : 'hidden';
  }
}

/** https://learn.microsoft.com/rest/api/authorization/role-assignments/list-for-scope */
export function readRoleAssignment(document: JsonObject): readonly RoleAssignment[] {
  const properties = getIgnoringCase(document, 'properties');
  const text = (key: string): string | null => {
    const value = getIgnoringCase(properties, key);
    return typeof value === 'string' ? value : null;
  };
  const [scope, principalId, roleDefinitionId] = [
    text('scope'),
    text('principalId'),
    text('roleDefinitionId'),
  ];
  if (scope === null || principalId === null || roleDefinitionId === null) return [];
  return [
    {
      id: typeof document.id === 'string' ? document.id : '',
      scope: scope.toLowerCase(),
      principalId: principalId.toLowerCase(),
      principalType: text('principalType'),
      roleId: roleDefinitionId.slice(roleDefinitionId.lastIndexOf('/') + 1).toLowerCase(),
      hasCondition: text('condition') !== null,
    },
  ];
}

/**
 * With who called the vault, where it is about to be shut for the first time: asked of its audit log once a day,
 * because a plan that names others each time would be another plan each time.
 */
export async function withCallers(
  deps: Pick<EngineDeps, 'policy' | 'callers' | 'now'>,
  id: ResourceId,
  vault: JsonObject,
  { knownGood }: Pick<ResourceMemory, 'knownGood'>,
  surroundings: RememberedSurroundings | null,
  signal: AbortSignal,
): Promise<RememberedSurroundings | null> {
  const network = readNetworkRules(vault);
  const isToBeShut = knownGood === null && network !== null && !network.isShut && !network.isStricter;
  const askedAt = surroundings?.callersAskedAt ?? null;
  const isRecent = askedAt !== null && deps.now().getTime() - Date.parse(askedAt) < DAY_MS;
  const isOn = deps.policy.modeOf('vault-firewall') !== 'off' && deps.policy.logWorkspace !== null;
  if (!isToBeShut || isRecent || !isOn) return surroundings;
  const recentCallers = await deps.callers.callersOf(id, signal);
  if (recentCallers === null) return surroundings;
  const callersAskedAt = deps.now().toISOString();
  const known = surroundings ?? NEVER_READ;
  return { ...known, recentCallers, callersAskedAt };
}

/** The log until it fails to answer: in a sweep, each vault would wait for it in vain. All wait for the first. */
export function untilSilent(log: CallerLog): CallerLog {
  let isSilent = false;
  let first: Promise<unknown> | null = null;
  return {
    async callersOf(vault, signal) {
      if (first !== null) await first.catch(() => undefined);
      if (isSilent) return null;
      const asking = log.callersOf(vault, signal);
      first ??= asking;
      const callers = await asking;
      isSilent = callers === null;
      return callers;
    },
  };
}

const DAY_MS = 24 * 60 * 60_000;

const NEVER_READ: RememberedSurroundings = {
  roleAssignments: null,
  diagnosticSettings: null,
  hidden: [],
  recentCallers: null,
  callersAskedAt: null,
  readAt: new Date(0).toISOString(),
};

const HOUR_MS = 60 * 60_000;

/** Whether what is remembered is too old to go by, where there is time to ask. */
export function isOutdated(
  surroundings: RememberedSurroundings | null,
  now: Date,
  longestMs = HOUR_MS,
): boolean {
  return surroundings === null || now.getTime() - Date.parse(surroundings.readAt) >= longestMs;
}

/** A vault with its diagnostic settings by name, where they are known: edits name them as a part of it. */
export function withSettings(vault: JsonObject, surroundings: RememberedSurroundings | null): JsonObject {
  const settings = surroundings?.diagnosticSettings ?? null;
  if (settings === null) return vault;
  const named = settings.flatMap((setting) =>
    typeof setting.name === 'string' ? [[setting.name, setting] as const] : [],
  );
  return { ...vault, diagnosticSettings: Object.fromEntries(named) };
}
