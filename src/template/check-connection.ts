import { isKeyVaultApi, readConnectionFacts } from '../workflow/connections.js';
import { NOTHING, type Part } from './checked.js';
import { originOf } from './materialise.js';
import { forAPerson } from './read-plan.js';
import { ruleOf } from './rules.js';
import type { Subject } from './subject.js';

/** Where a connection says as whom it signs in. */
const SAYS_HOW = ['/properties', '/properties/parameterValueType', '/properties/parameterValueSet/name'];

/** A Key Vault connection that a file makes signs in with the managed identity. */
export function checkConnection({ document, from, label }: Subject): Part {
  const rule = ruleOf('connection-managed-identity');
  const { apiId, signIn } = readConnectionFacts(document);
  if (!isKeyVaultApi(apiId) || signIn === 'managed-identity') return NOTHING;
  const { nearest } = originOf(from, '/properties');
  const common = { rule: rule.id, resource: label, pointer: nearest, about: 'sign-in', step: rule.step };
  const isKnown = SAYS_HOW.every((at) => originOf(from, at).isKnown);
  if (!isKnown) {
    const message = 'The deployment decides whether the connection signs in with the managed identity.';
    return { ...NOTHING, undecided: [{ ...common, message }] };
  }
  const message = {
    user: 'The Key Vault connection signs in as a user.',
    application: "The Key Vault connection signs in with an app's credentials.",
    unknown:
      'The Key Vault connection does not sign in with the managed identity; somebody has to authorise it as a user once it is deployed.',
  }[signIn ?? 'unknown'];
  return { ...NOTHING, findings: [forAPerson({ ...common, severity: rule.severity, message })] };
}
