import type { RunCount, SecretExposure, WorkflowObservation } from '../types/observation.js';
import { isHarmless } from '../workflow/exposure.js';
import { COMPLIANT, type Finding, type Plan, type WorkflowRemediator } from './remediator.js';

/** A secret that an open action has put into the run history is rotated. */
export const workflowSecretExposure: WorkflowRemediator = {
  id: 'workflow-secret-exposure',
  appliesTo: ['workflow'],
  permissions: { read: ['Microsoft.Logic/workflows/read', 'Microsoft.Logic/workflows/runs/read'], write: [] },
  plan,
};

function plan({ exposures }: WorkflowObservation): Plan {
  const findings = exposures.filter((exposure) => !isHarmless(exposure)).map(findingOf);
  return findings.length === 0 ? COMPLIANT : { ...COMPLIANT, findings };
}

function findingOf(exposure: SecretExposure): Finding {
  const { action, vaultName, secretName, openSince, repairedAt, runs } = exposure;
  const until = repairedAt === null ? 'and still stands open' : `until it was seen shut at ${repairedAt}`;
  return {
    severity: 'high',
    // Open again, it is another one: whoever rotated the secret last time has to do so again.
    about: `exposure:${vaultName ?? '?'}/${secretName ?? '?'}:${action}:${repairedAt ?? 'open'}`,
    reason: `"${action}" has stood open since ${openSince} at the latest, ${until}: ${runsText(runs)} ${secretText(exposure)} in plain text.`,
    step: stepFor(exposure),
  };
}

function secretText({ vaultName, secretName }: SecretExposure): string {
  const vault = vaultName === null ? 'a vault that cannot be told' : `the vault ${vaultName}`;
  return secretName === null ? `what it reads of ${vault}` : `the secret "${secretName}" of ${vault}`;
}

function runsText(runs: RunCount | null): string {
  if (runs === null) return 'how many runs is not counted yet, but each of them shows';
  const number = `${runs.isAtLeast ? 'at least ' : ''}${runs.count} ${runs.count === 1 ? 'run' : 'runs'}`;
  return `${number}${runs.first === null ? '' : ` (the first at ${runs.first})`} may show`;
}

/** What is rotated while the action stands open is in the run history again with the next run. */
function stepFor({ repairedAt }: SecretExposure): string {
  const rotate =
    'Rotate it where it comes from, and put the new value into the vault: whoever may read the run history may have it.';
  if (repairedAt === null)
    return `Let workflow-secure-outputs hide the outputs of the action, or do it by hand. Then: ${rotate}`;
  return `${rotate} Once the newest version in the vault is newer than ${repairedAt}, confirm that with POST /api/findings/accept.`;
}
