import { pointerTo } from '../types/apply-edits.js';
import { getIgnoringCase, isJsonObject, type Json, type JsonObject } from '../types/json.js';
import { isPlaceholder } from '../workflow/plaintext/credential-value.js';
import { plaintextSecretsOf } from '../workflow/plaintext/plaintext-secrets.js';
import { isSecureType } from '../workflow/secure-parameters.js';
import { together, type Part } from './checked.js';
import { evaluateJson } from './evaluate.js';
import type { TemplatePart } from './resources.js';
import { memberOf, membersOf } from './scope.js';
import { secretFindings, type FoundSecret } from './secret-findings.js';

/** What is secret in the parameters of a template: in their defaults, and in what a nested one is given. */
export function inParameters(part: TemplatePart): Part {
  return together([inDefaults(part), inSecureDefaults(part), inGiven(part)]);
}

/** A template declares its parameters as a workflow does, so that what is said of those is said of these. */
function inDefaults({ json, pointer }: TemplatePart): Part {
  const parameters = memberOf(json, pointer, 'parameters');
  const declared = Object.fromEntries(
    membersOf(parameters?.json).map(([name, parameter]) => [name, onlyDefault(parameter)]),
  );
  const found = plaintextSecretsOf({ properties: { definition: { parameters: declared } } });
  const start = '/properties/definition/parameters';
  return secretFindings(
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
  return secretFindings(
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
  return secretFindings(
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

function secureDefault(at: string): FoundSecret {
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

/** What a file gives a template's parameters; a reference to a vault's secret is none. */
export function checkParameterFile(json: JsonObject): Part {
  const parameters = memberOf(json, '', 'parameters');
  const given = Object.fromEntries(membersOf(parameters?.json));
  const found = plaintextSecretsOf({ properties: { parameters: given } });
  return secretFindings(
    found.map(({ pointer: at, kind }) => ({
      at: `${parameters?.pointer ?? ''}${at.slice('/properties/parameters'.length)}`,
      message: `The file gives a parameter a secret in plain text: ${kind}`,
      step: 'Refer to a secret of a key vault instead (reference.keyVault), and replace the secret: whoever may read the file has seen it',
      resource: 'parameters',
    })),
  );
}
