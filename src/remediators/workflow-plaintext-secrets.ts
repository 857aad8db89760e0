import type { WorkflowObservation } from '../types/observation.js';
import { plaintextSecretsOf, type PlaintextSecret } from '../workflow/plaintext/plaintext-secrets.js';
import { COMPLIANT, type Finding, type Plan, type WorkflowRemediator } from './remediator.js';

/**
 * No key, password or token stands in plain text in a definition or its parameters. It only sees: a secret that
 * stood there has to be replaced by a person, wherever it comes from.
 */
export const workflowPlaintextSecrets: WorkflowRemediator = {
  id: 'workflow-plaintext-secrets',
  appliesTo: ['workflow'],
  permissions: { read: ['Microsoft.Logic/workflows/read'], write: [] },
  plan,
};

/** A record has to hold them. Who has taken these out is shown the next. */
const MAX_FINDINGS = 100;

function plan({ workflow }: WorkflowObservation): Plan {
  const secrets = plaintextSecretsOf(workflow);
  const byFormat = secrets.filter(({ knownBy }) => knownBy === 'format');
  const byName = secrets.filter(({ knownBy }) => knownBy === 'name');
  const shown = [...byFormat, ...byName].slice(0, MAX_FINDINGS);
  const more = secrets.length > shown.length ? [moreOf(secrets.length - shown.length)] : [];
  return secrets.length === 0 ? COMPLIANT : { ...COMPLIANT, findings: [...shown.map(findingOf), ...more] };
}

/** Says where the secret is and what it is: never a part of it, nor how long it is. */
function findingOf({ pointer, kind, knownBy }: PlaintextSecret): Finding {
  return knownBy === 'format'
    ? {
        severity: 'high',
        about: pointer,
        reason: `${pointer} holds a secret in plain text: ${kind}.`,
        step: stepFor(kind),
      }
    : {
        severity: 'medium',
        about: pointer,
        reason: `${pointer} holds what by its name is a secret, in plain text: ${kind}.`,
        step: stepFor(kind),
      };
}

function moreOf(count: number): Finding {
  return {
    severity: 'high',
    about: '/properties',
    reason: `${count} more places hold a secret in plain text.`,
    step: 'Take out those that are named first; then these are named.',
  };
}

function stepFor(kind: string): string {
  return `Put it into a key vault, and read it there with the workflow's managed identity in an action with secure outputs, or pass it in a secure parameter that has no default. Then ${replacing(kind)}: whoever may read the workflow, its earlier versions or its runs has seen it.`;
}

/** How the old one is made worthless. */
function replacing(kind: string): string {
  if (kind === 'SAS signature' || kind === 'SAS token')
    return 'revoke it, by its stored access policy or by regenerating the key that signed it';
  if (kind === 'callback URL of a workflow') return 'regenerate the access key of the workflow that it calls';
  if (kind === 'client secret') return 'make a new one, and delete this one from the app registration';
  if (kind.endsWith('webhook URL')) return 'delete the webhook and make a new one';
  if (kind.includes('password') || kind === 'passphrase') return 'change it';
  return 'regenerate it where it comes from';
}
