import type { Json } from '../template/loaded-template.js';
import { invalidTemplate } from './template-failure.js';
import type { ParameterDeclaration, Template } from './template-schema.js';

/**
 * The parameters that a deployment is given, against what the template declares. Throws ARM's `InvalidTemplate`:
 * https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/error-invalid-template
 */
export function checkParameters(template: Template, given: Readonly<Record<string, Json>>): void {
  const declared = new Map(
    Object.entries(template.parameters ?? {}).map(([name, declaration]) => [name.toLowerCase(), declaration]),
  );
  for (const name of Object.keys(given)) {
    if (declared.has(name.toLowerCase())) continue;
    throw invalidTemplate(
      `The template parameters '${name}' in the parameters file are not valid; they are not present in the original template and can therefore not be provided at deployment time. The only supported parameters for this template are '${Object.keys(template.parameters ?? {}).join(', ')}'.`,
    );
  }
  const values = new Map(Object.entries(given).map(([name, value]) => [name.toLowerCase(), value]));
  for (const [name, declaration] of Object.entries(template.parameters ?? {})) {
    const value = values.get(name.toLowerCase());
    if (value !== undefined) checkParameter(name, declaration, value);
    else if (declaration.defaultValue === undefined) {
      throw invalidTemplate(`The value for the template parameter '${name}' is not provided.`);
    }
  }
}

/** Also for a default, once its expression is evaluated. */
export function checkParameter(name: string, declaration: ParameterDeclaration, value: Json): void {
  const { type, allowedValues, minLength, maxLength, minValue, maxValue } = declaration;
  if (!isOfType(type.toLowerCase(), value)) {
    throw invalidTemplate(
      `Template parameter JToken type is not valid for '${name}'. Expected '${type}'. Actual '${typeName(value)}'.`,
    );
  }
  if (allowedValues !== undefined && !allowedValues.some((allowed) => allowed === value)) {
    throw invalidTemplate(
      `The provided value for the template parameter '${name}' is not valid. The value '${JSON.stringify(value)}' is not part of the allowed value(s): '${allowedValues.join(',')}'.`,
    );
  }
  const length = typeof value === 'string' || Array.isArray(value) ? value.length : null;
  if (length !== null && (length < (minLength ?? 0) || length > (maxLength ?? Infinity))) {
    throw invalidTemplate(`The provided value for the template parameter '${name}' has an invalid length.`);
  }
  if (typeof value !== 'number' || (value >= (minValue ?? -Infinity) && value <= (maxValue ?? Infinity)))
    return;
  throw invalidTemplate(`The provided value for the template parameter '${name}' is out of range.`);
}

export function isOfType(type: string, value: Json): boolean {
  switch (type) {
    case 'string':
    case 'securestring':
      return typeof value === 'string';
    case 'int':
      return typeof value === 'number' && Number.isInteger(value);
    case 'bool':
      return typeof value === 'boolean';
    case 'array':
      return Array.isArray(value);
    default:
      return typeof value === 'object' && value !== null && !Array.isArray(value);
  }
}

function typeName(value: Json): string {
  if (value === null) return 'Null';
  return Array.isArray(value) ? 'Array' : typeof value;
}
