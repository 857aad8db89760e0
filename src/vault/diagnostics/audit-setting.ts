import { getIgnoringCase, isJsonObject, type Json, type JsonObject } from '../../types/json.js';

/** The diagnostic setting that Holdfast writes. */
export const AUDIT_SETTING = 'holdfast-audit';
export const AUDIT_SETTING_PATH = `/diagnosticSettings/${AUDIT_SETTING}`;

/** https://learn.microsoft.com/azure/azure-monitor/platform/diagnostic-settings: "up to five diagnostic settings". */
export const MAX_SETTINGS = 5;

/** A Key Vault's log categories are AuditEvent and AzurePolicyEvaluationDetails; both groups hold the first. */
const AUDIT_CATEGORY = 'auditevent';
const AUDIT_GROUPS = ['audit', 'alllogs'];

const DESTINATIONS = [
  'workspaceId',
  'storageAccountId',
  'eventHubAuthorizationRuleId',
  'marketplacePartnerId',
  'serviceBusRuleId',
] as const;

export function nameOfSetting(setting: JsonObject): string {
  return textOf(getIgnoringCase(setting, 'name')) ?? '';
}

/** In lower case; null where it sends to no workspace. */
export function workspaceOf(setting: JsonObject): string | null {
  return (
    textOf(getIgnoringCase(getIgnoringCase(setting, 'properties'), 'workspaceId'))?.toLowerCase() ?? null
  );
}

/** Whether audit events go anywhere by this setting. */
export function sendsAudit(setting: JsonObject): boolean {
  return destinationsOf(setting).length > 0 && logsOf(setting).some((log) => isOn(log) && isAudit(log));
}

/**
 * Whether both settings send to one and the same place, which Azure refuses for one category: "Data sinks can't be
 * reused in different settings on the same category for the same resource."
 */
export function sharesDestination(a: JsonObject, b: JsonObject): boolean {
  const destinations = new Set(destinationsOf(a));
  return destinationsOf(b).some((destination) => destinations.has(destination));
}

/** The setting's properties with audit events on and sent to a workspace; whatever else it has stays. */
export function withAudit(setting: JsonObject | null, workspaceId: string): JsonObject {
  const properties = getIgnoringCase(setting ?? undefined, 'properties');
  const before = isJsonObject(properties) ? properties : {};
  const others = Object.entries(before).filter(
    ([key]) => !['workspaceid', 'logs'].includes(key.toLowerCase()),
  );
  const isSame = setting !== null && workspaceOf(setting) === workspaceId.toLowerCase();
  return Object.fromEntries<Json | undefined>([
    ['workspaceId', isSame ? getIgnoringCase(before, 'workspaceId') : workspaceId],
    ['logs', auditOn(logsOf(setting ?? {}))],
    ...others,
  ]);
}

/**
 * A setting has either single categories or category groups switched on (same page: with groups, "you can't select
 * individual category types"), so audit events come on in the way that the setting has already.
 */
function auditOn(logs: readonly Json[]): readonly Json[] {
  const on = logs.findIndex((log) => isOn(log) && isAudit(log));
  if (on >= 0) return logs;
  const usesGroups = logs.some((log) => isOn(log) && groupOf(log) !== null);
  const off = logs.findIndex((log) =>
    usesGroups ? groupOf(log) === 'audit' : categoryOf(log) === AUDIT_CATEGORY,
  );
  if (off < 0) return [...logs, usesGroups ? { categoryGroup: 'audit', enabled: true } : NEW_LOG];
  return logs.map((log, i) => (i === off && isJsonObject(log) ? switchedOn(log) : log));
}

const NEW_LOG = { category: 'AuditEvent', enabled: true };

function switchedOn(log: JsonObject): JsonObject {
  const others = Object.entries(log).filter(([key]) => key.toLowerCase() !== 'enabled');
  return Object.fromEntries<Json | undefined>([...others, ['enabled', true]]);
}

function isAudit(log: Json): boolean {
  return categoryOf(log) === AUDIT_CATEGORY || AUDIT_GROUPS.includes(groupOf(log) ?? '');
}

function isOn(log: Json): boolean {
  return getIgnoringCase(log, 'enabled') === true;
}

function categoryOf(log: Json): string | null {
  return textOf(getIgnoringCase(log, 'category'))?.toLowerCase() ?? null;
}

function groupOf(log: Json): string | null {
  return textOf(getIgnoringCase(log, 'categoryGroup'))?.toLowerCase() ?? null;
}

function logsOf(setting: JsonObject): readonly Json[] {
  const logs = getIgnoringCase(getIgnoringCase(setting, 'properties'), 'logs');
  return Array.isArray(logs) ? (logs as readonly Json[]) : [];
}

function destinationsOf(setting: JsonObject): readonly string[] {
  const properties = getIgnoringCase(setting, 'properties');
  return DESTINATIONS.flatMap((key) => textOf(getIgnoringCase(properties, key))?.toLowerCase() ?? []);
}

function textOf(value: Json | undefined): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
