import { pointerTo } from '../types/apply-edits.js';
import { getIgnoringCase } from '../types/json.js';
import { isPlaceholder } from '../workflow/plaintext/credential-value.js';
import { plaintextSecretsOf } from '../workflow/plaintext/plaintext-secrets.js';
import { isSecureType } from '../workflow/secure-parameters.js';
import { NOTHING, together, type Part } from './checked.js';
import { evaluateJson } from './evaluate.js';
import { originOf } from './materialise.js';
import { inParameters } from './parameter-secrets.js';
import type { TemplatePart } from './resources.js';
import { memberOf, membersOf } from './scope.js';
import { secretFindings } from './secret-findings.js';
import type { Subject } from './subject.js';

/** What is secret in a template itself: in its parameters, what they are given, its variables and its outputs. */
export function checkSecrets(part: TemplatePart): Part {
  return together([inParameters(part), inVariables(part), inOutputs(part)]);
}

/** A variable is like the value of a workflow's parameter. */
function inVariables({ json, pointer }: TemplatePart): Part {
  const variables = memberOf(json, pointer, 'variables');
  const values = Object.fromEntries(membersOf(variables?.json).map(([name, value]) => [name, { value }]));
  const found = plaintextSecretsOf({ properties: { parameters: values } });
  const start = '/properties/parameters';
  return secretFindings(
    found.map(({ pointer: at, kind }) => ({
      at: `${variables?.pointer ?? ''}${at.slice(start.length).replace(/^(\/[^/]+)\/value/, '$1')}`,
      message: `A variable holds a secret in plain text: ${kind}`,
      step: 'Pass it in a parameter of type securestring that has no default, and replace the secret: whoever may read the file has seen it',
    })),
  );
}

/**
 * "Outputs must not contain secrets": everybody who may read the deployment reads them
 * (https://learn.microsoft.com/azure/azure-resource-manager/templates/template-test-cases#outputs-cant-include-secrets).
 */
function inOutputs({ json, pointer, scope }: TemplatePart): Part {
  const outputs = memberOf(json, pointer, 'outputs');
  return secretFindings(
    membersOf(outputs?.json).flatMap(([name, output]) => {
      const value = getIgnoringCase(output, 'value');
      if (value === undefined || isSecureType(getIgnoringCase(output, 'type'))) return [];
      const { secrets } = evaluateJson(value, scope);
      if (secrets.length === 0) return [];
      return [
        {
          at: pointerTo(outputs?.pointer ?? '', name),
          message: `The output "${name}" gives ${secrets.join(', ')} to everybody who may read the deployment`,
          step: 'Take the output out: whoever needs the secret can get it where it is kept',
        },
      ];
    }),
  );
}

/** The value that a template gives a vault's secret stands nowhere in plain text. */
export function checkVaultSecret({ document, from, label }: Subject): Part {
  const at = '/properties/value';
  const value = getIgnoringCase(document.properties, 'value');
  const { nearest, isKnown, defaults } = originOf(from, at);
  if (
    typeof value !== 'string' ||
    value === '' ||
    (!isKnown && (from.substitutions.get(at)?.secrets ?? []).length > 0)
  )
    return NOTHING;
  const isWritten = isKnown && !isPlaceholder(value);
  const message = isWritten
    ? `The value of the ${label} stands in the template in plain text`
    : `The value of the ${label} does not come from a secure parameter, so the history of deployments shows it`;
  const step =
    defaults.length > 0 || !isWritten
      ? 'Declare the parameter as securestring, without a default'
      : 'Pass it in a parameter of type securestring that has no default, and replace the secret: whoever may read the file has seen it';
  return secretFindings([{ at: nearest, message, step, resource: label }]);
}
