import type { SetEdit } from '../types/edit.js';
import type { JsonObject } from '../types/json.js';
import type { VaultObservation } from '../types/observation.js';
import {
  AUDIT_SETTING,
  AUDIT_SETTING_PATH,
  MAX_SETTINGS,
  nameOfSetting,
  sendsAudit,
  sharesDestination,
  withAudit,
  workspaceOf,
} from '../vault/diagnostics/audit-setting.js';
import { COMPLIANT, type Finding, type Plan, type VaultRemediator } from './remediator.js';

/** The vault's audit events go to the Log Analytics workspace that Holdfast is set to. */
export const vaultLogging: VaultRemediator = {
  id: 'vault-logging',
  appliesTo: ['vault'],
  permissions: {
    read: ['Microsoft.KeyVault/vaults/read', 'Microsoft.Insights/diagnosticSettings/read'],
    write: [
      'Microsoft.Insights/diagnosticSettings/write',
      // Asked, on the workspace, of whoever lets a setting send to it: LinkedAuthorizationFailed without it
      // (https://github.com/MicrosoftDocs/azure-docs/issues/80159).
      'Microsoft.OperationalInsights/workspaces/sharedKeys/action',
    ],
  },
  plan,
};

function plan({ surroundings, logWorkspace }: VaultObservation): Plan {
  const settings = surroundings.diagnosticSettings;
  if (settings === null) return surroundings.hidden.includes('diagnosticSettings') ? HIDDEN : UNKNOWN;
  if (logWorkspace === null) {
    return settings.some(sendsAudit) ? COMPLIANT : { ...COMPLIANT, findings: [NO_WORKSPACE] };
  }
  const wanted = logWorkspace.toLowerCase();
  if (settings.some((setting) => sendsAudit(setting) && workspaceOf(setting) === wanted)) return COMPLIANT;

  const own = settings.find((setting) => nameOfSetting(setting).toLowerCase() === AUDIT_SETTING) ?? null;
  const after = { properties: withAudit(own, logWorkspace) };
  const reason = settings.some(sendsAudit)
    ? 'the vault’s audit events do not go to the workspace that Holdfast is set to'
    : 'the vault’s audit events are not kept: nobody could say who read a secret';
  const edit: SetEdit = { op: 'set', path: AUDIT_SETTING_PATH, before: own, after, reason };
  const obstacle = obstacleTo(own, after, settings);
  if (obstacle !== null) return { ...COMPLIANT, refusals: [{ reason: obstacle, edits: [edit] }] };
  return { ...COMPLIANT, edits: [edit], warnings: movedFrom(own, wanted) };
}

const UNKNOWN: Plan = { ...COMPLIANT, isUnknown: true };

const HIDDEN: Plan = {
  ...UNKNOWN,
  findings: [
    {
      severity: 'low',
      about: 'hidden',
      reason:
        'Azure does not let Holdfast read the vault’s diagnostic settings, so nobody can say whether its audit events are kept.',
      step: 'Give Holdfast’s identity Microsoft.Insights/diagnosticSettings/read on the vault.',
    },
  ],
};

const NO_WORKSPACE: Finding = {
  severity: 'medium',
  about: 'no-workspace',
  reason: 'The vault’s audit events go nowhere, so nobody could say who read a secret.',
  step: 'Set HOLDFAST_LOG_WORKSPACE to the resource id of a Log Analytics workspace, or add a diagnostic setting for AuditEvent by hand.',
};

/** Settings of others are never changed, not even one to the same workspace that has AuditEvent off. */
function obstacleTo(
  own: JsonObject | null,
  after: JsonObject,
  settings: readonly JsonObject[],
): string | null {
  if (own === null && settings.length >= MAX_SETTINGS) {
    return `A resource has at most ${MAX_SETTINGS} diagnostic settings, and this vault has ${settings.length}, none of which sends audit events to the workspace that Holdfast is set to. Take one out, or let one of them send AuditEvent there.`;
  }
  const rival = settings.find(
    (setting) => setting !== own && sendsAudit(setting) && sharesDestination(setting, after),
  );
  if (rival === undefined) return null;
  return `${AUDIT_SETTING} has a destination that ${JSON.stringify(nameOfSetting(rival))} already sends audit events to, and Azure takes each destination only once. Take it out of one of them.`;
}

/** A setting has one workspace. */
function movedFrom(own: JsonObject | null, wanted: string): readonly string[] {
  const before = own === null ? null : workspaceOf(own);
  if (before === null || before === wanted) return [];
  return [
    `${AUDIT_SETTING} sent to ${JSON.stringify(before)}, which gets nothing from it any more. Add a setting of another name if it should.`,
  ];
}
