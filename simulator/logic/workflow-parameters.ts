import { applyEdits, modify } from 'jsonc-parser';
import { invalidContent, invalidTemplate } from '../arm/arm-error.js';
import { at, entriesOf, isObject, textAt } from '../json.js';
import { isNullText, isObjectText, membersOf } from '../raw-json.js';
import type { Switches } from '../switches.js';
import { positionOf } from './workflow-definition.js';

export interface WorkflowParameters {
  /** The `parameters` member as it is kept: no value of a secure parameter is in it. */
  readonly text: string;
  /** The values of secure parameters, as text, by name. */
  readonly secrets: ReadonlyMap<string, string>;
}

/** Takes the parameters that a PUT sends: checks them against what the definition declares, hides secure values. */
export function takeParameters(
  sent: string | undefined,
  definition: unknown,
  definitionText: string,
  stored: ReadonlyMap<string, string>,
  omitted: Switches['secureValueOmitted'],
): WorkflowParameters {
  const text = isNullText(sent) ? '{}' : (sent ?? '{}');
  if (!isObjectText(text)) throw invalidContent("Error converting value. Path 'properties.parameters'");
  const declared = new Map(entriesOf(at(definition, 'parameters')));
  const given = membersOf(text);
  checkNames(given, declared);
  const hidden = hideSecrets(text, definition);
  const secrets = new Map(hidden.secrets);
  for (const [name, declaration] of declared) {
    const value = valueOf(given.get(name), name);
    if (value !== undefined) {
      checkType(name, declaration, value, definitionText);
      continue;
    }
    const isSecure = isSecureType(textAt(declaration, 'type'));
    const earlier = isSecure && omitted === 'preserve' ? stored.get(name) : undefined;
    if (earlier !== undefined) secrets.set(name, earlier);
    const isForgiven = earlier !== undefined || (isSecure && omitted === 'wipe');
    if (isForgiven || hasDefault(declaration)) continue;
    // https://github.com/Azure/LogicAppsUX/issues/4404
    throw invalidTemplate(
      `The value for the workflow parameter '${name}' ${positionOf(definitionText, name)} is not provided.`,
    );
  }
  return { text: hidden.text, secrets };
}

/** Takes the values of secure parameters out of the text; everything else in it stays as it is. */
export function hideSecrets(text: string, definition: unknown): WorkflowParameters {
  const secrets = new Map<string, string>();
  let kept = text;
  const given = membersOf(text);
  for (const [name, declaration] of entriesOf(at(definition, 'parameters'))) {
    if (!isSecureType(textAt(declaration, 'type'))) continue;
    const value = valueOf(given.get(name), name);
    if (value === undefined) continue;
    secrets.set(name, value);
    kept = withoutValue(kept, name);
  }
  return { text: kept, secrets };
}

/** What a GET shows of stored parameters. */
export function shownParameters(
  text: string,
  definition: string | undefined,
  shown: Switches['secureParameterOnGet'],
): string {
  if (shown === 'without-value' || definition === undefined) return text;
  const secure = entriesOf(at(JSON.parse(definition), 'parameters')).filter(([, declaration]) =>
    isSecureType(textAt(declaration, 'type')),
  );
  return secure.reduce((left, [name]) => without(left, [name]), text);
}

function isSecureType(type: string | undefined): boolean {
  return ['securestring', 'secureobject'].includes(type?.toLowerCase() ?? '');
}

function valueOf(entry: string | undefined, name: string): string | undefined {
  if (entry === undefined) return undefined;
  // The wording: https://github.com/MicrosoftDocs/azure-docs/issues/48272
  if (!isObjectText(entry)) {
    throw invalidContent(
      `Unexpected initial token when populating object. Expected JSON object or array. Path 'properties.parameters.${name}'`,
    );
  }
  const members = membersOf(entry);
  const key = [...members.keys()].find((candidate) => candidate.toLowerCase() === 'value');
  const value = members.get(key ?? 'value');
  return isNullText(value) ? undefined : value;
}

/** https://github.com/hashicorp/terraform-provider-azurerm/issues/4731 */
function checkNames(given: ReadonlyMap<string, string>, declared: ReadonlyMap<string, unknown>): void {
  const unknown = [...given.keys()].filter((name) => !declared.has(name));
  if (unknown.length === 0) return;
  throw invalidTemplate(
    `The workflow parameters '${unknown.join(', ')}' are not valid; they are not present in the original workflow and can therefore not be provided at deployment time. The only supported parameters for this workflow are '${[...declared.keys()].join(', ')}'.`,
  );
}

/** https://github.com/Azure/azure-sdk-for-js/issues/23211 */
function checkType(name: string, declaration: unknown, valueText: string, definitionText: string): void {
  const value: unknown = JSON.parse(valueText);
  const type = textAt(declaration, 'type')?.toLowerCase() ?? '';
  const fits =
    {
      string: typeof value === 'string',
      securestring: typeof value === 'string',
      int: Number.isInteger(value),
      float: typeof value === 'number',
      bool: typeof value === 'boolean',
      array: Array.isArray(value),
      object: isObject(value),
      secureobject: isObject(value),
    }[type] ?? true;
  if (fits) return;
  throw invalidTemplate(
    `The provided value for the workflow parameter '${name}' ${positionOf(definitionText, name)} is not valid.`,
  );
}

function hasDefault(declaration: unknown): boolean {
  const value = at(declaration, 'defaultValue');
  return value !== undefined && value !== null;
}

function withoutValue(text: string, name: string): string {
  const entry = membersOf(text).get(name) ?? '{}';
  const key = [...membersOf(entry).keys()].find((candidate) => candidate.toLowerCase() === 'value');
  return without(text, [name, key ?? 'value']);
}

/** Without formatting options, jsonc-parser touches nothing but the member and its comma. */
function without(text: string, path: readonly string[]): string {
  return applyEdits(text, modify(text, [...path], undefined, {}));
}
