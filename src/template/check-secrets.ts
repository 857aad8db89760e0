import { pointerTo } from '../types/apply-edits.js';
import { getIgnoringCase, isJsonObject, type Json, type JsonObject } from '../types/json.js';
import { isPlaceholder } from '../workflow/plaintext/credential-value.js';
import { plaintextSecretsOf } from '../workflow/plaintext/plaintext-secrets.js';
import { isSecureType } from '../workflow/secure-parameters.js';
import { NOTHING, together, type Part } from './checked.js';
import { evaluateJson } from './evaluate.js';
import { originOf } from './materialise.js';
import { forAPerson, sentence } from './read-plan.js';
import type { TemplatePart } from './resources.js';
import { ruleOf } from './rules.js';
import { memberOf, membersOf } from './scope.js';
import type { Subject } from './subject.js';

/** What is secret in a template itself: in its parameters, what they are given, its variables and its outputs. */
export function checkSecrets(part: TemplatePart): Part {
  return together([
    inParameters(part),
    inSecureDefaults(part),
    inGiven(part),
    inVariables(part),
    inOutputs(part),
  ]);
}

/** A template declares its parameters as a workflow does, so that what is said of those is said of these. */
function inParameters({ json, pointer }: TemplatePart): Part {
  const parameters = memberOf(json, pointer, 'parameters');
  const declared = Object.fromEntries(
    membersOf(parameters?.json).map(([name, parameter]) => [name, onlyDefault(parameter)]),
  );
  const found = plaintextSecretsOf({ properties: { definition: { parameters: declared } } });
  const start = '/properties/definition/parameters';
  return findings(
    found.map(({ pointer: at, kind }) => ({
      at: `${parameters?.pointer ?? ''}${at.slice(start.length)}`,
      message: `The default of a parameter is a secret in plain text: ${kind}`,
      step: 'Take the default out, declare the parameter as securestring, and replace the secret: whoever may read the file has seen it',
    })),
  );
}

/**
 * The type says that it is a secret, whatever it looks like: the default of a secure parameter is empty, or an expression such
 * as newGuid() (https://learn.microsoft.com/azure/azure-resource-manager/templates/template-test-cases#secure-parameters-cant-have-hard-coded-default).
 */
function inSecureDefaults({ json, pointer }: TemplatePart): Part {
  const parameters = memberOf(json, pointer, 'parameters');
  return findings(
    membersOf(parameters?.json).flatMap(([name, parameter]) => {
      if (!isJsonObject(parameter) || !isSecureType(getIgnoringCase(parameter, 'type'))) return [];
      const value = memberOf(parameter, pointerTo(parameters?.pointer ?? '', name), 'defaultValue');
      return value === undefined ? [] : textsIn(value.json, value.pointer).map(secureDefault);
    }),
  );
}

/**
 * What a nested template is given for a parameter that is not secure, everybody who may read its deployment reads
 * (https://azure.github.io/PSRule.Rules.Azure/en/rules/Azure.Deployment.SecureParameter), wherever it came from
 * (https://docs.azure.cn/en-us/azure-resource-manager/bicep/linter-rule-secure-params-in-parameters-file). A number or a truth
 * value that was made of a secret is none.
 */
function inGiven({ scope }: TemplatePart): Part {
  return findings(
    [...scope.parameters.values()].flatMap(({ name, type, given }) => {
      if (given === undefined || isSecureType(type) || type === 'int' || type === 'bool') return [];
      const { secrets } = evaluateJson(given.json, given.scope);
      if (secrets.length === 0) return [];
      const isStructured = type === 'object' || type === 'array';
      return [
        {
          at: given.pointer,
          message: `The parameter "${name}" of a nested template is given ${secrets.join(', ')} and is not secure, so the history of deployments shows it`,
          step: `Declare the parameter as ${isStructured ? 'secureObject' : 'securestring'} in the nested template`,
        },
      ];
    }),
  );
}

function secureDefault(at: string): Found {
  return {
    at,
    message: 'The default of a secure parameter is a secret in plain text',
    step: 'Take the default out, and replace the secret: whoever may read the file has seen it',
  };
}

/** Where texts stand in a value, but for expressions and what asks for one. */
function textsIn(value: Json, pointer: string): readonly string[] {
  if (typeof value === 'string') return isPlaceholder(value) ? [] : [pointer];
  return membersOf(value).flatMap(([key, member]) => textsIn(member, pointerTo(pointer, key)));
}

function onlyDefault(parameter: Json): JsonObject {
  const [type, value] = [getIgnoringCase(parameter, 'type'), getIgnoringCase(parameter, 'defaultValue')];
  return { ...(type === undefined ? {} : { type }), ...(value === undefined ? {} : { defaultValue: value }) };
}

/** A variable is like the value of a workflow's parameter. */
function inVariables({ json, pointer }: TemplatePart): Part {
  const variables = memberOf(json, pointer, 'variables');
  const values = Object.fromEntries(membersOf(variables?.json).map(([name, value]) => [name, { value }]));
  const found = plaintextSecretsOf({ properties: { parameters: values } });
  const start = '/properties/parameters';
  return findings(
    found.map(({ pointer: at, kind }) => ({
      at: `${variables?.pointer ?? ''}${at.slice(start.length).replace(/^(\/[^/]+)\/value/, '$1')}`,
      message: `A variable holds a secret in plain text: ${kind}`,
      step: 'Pass it in a parameter of type securestring that has no default, and replace the secret: whoever may read the file has seen it',
    })),
  );
}

/** What a file gives a template's parameters; a reference to a vault's secret is none. */
export function checkParameterFile(json: JsonObject): Part {
  const parameters = memberOf(json, '', 'parameters');
  const given = Object.fromEntries(membersOf(parameters?.json));
  const found = plaintextSecretsOf({ properties: { parameters: given } });
  return findings(
    found.map(({ pointer: at, kind }) => ({
      at: `${parameters?.pointer ?? ''}${at.slice('/properties/parameters'.length)}`,
      message: `The file gives a parameter a secret in plain text: ${kind}`,
      step: 'Refer to a secret of a key vault instead (reference.keyVault), and replace the secret: whoever may read the file has seen it',
      resource: 'parameters',
    })),
  );
}

/**
 * "Outputs must not contain secrets": everybody who may read the deployment reads them
 * (https://learn.microsoft.com/azure/azure-resource-manager/templates/template-test-cases#outputs-cant-include-secrets).
 */
function inOutputs({ json, pointer, scope }: TemplatePart): Part {
  const outputs = memberOf(json, pointer, 'outputs');
  return findings(
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
  return findings([{ at: nearest, message, step, resource: label }]);
}

interface Found {
  readonly at: string;
  readonly message: string;
  readonly step: string;
  readonly resource?: string;
}

function findings(found: readonly Found[]): Part {
  const rule = ruleOf('template-plaintext-secrets');
  return {
    ...NOTHING,
    findings: found.map(({ at, message, step, resource = 'template' }) =>
      forAPerson({
        rule: rule.id,
        severity: rule.severity,
        message: sentence(message),
        step: sentence(step),
        resource,
        pointer: at,
        about: at,
      }),
    ),
  };
}
