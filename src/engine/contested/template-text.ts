import type { Json } from '../../types/json.js';

/** A value as a Bicep string: https://learn.microsoft.com/azure/azure-resource-manager/bicep/data-types#strings. */
export function bicepText(value: Json | undefined): string {
  const escaped = plainLine(value)
    .replaceAll('\\', '\\\\')
    .replaceAll("'", "\\'")
    .replaceAll('${', () => '\\${');
  return `'${escaped}'`;
}

/** A value as a Terraform string: https://developer.hashicorp.com/terraform/language/expressions/strings. */
export function terraformText(value: Json | undefined): string {
  return JSON.stringify(plainLine(value))
    .replaceAll('${', () => '$${')
    .replaceAll('%{', '%%{');
}

/** The first of many, and how many there are: a vault holds a thousand rules. */
export function shortList(items: readonly string[]): string {
  const most = 10;
  const rest = items.length > most ? `, and ${items.length - most} more` : '';
  return items.slice(0, most).join(', ') + rest;
}

/** Names and ids have no control characters; what is no text at all was somebody's mistake, and is not shown. */
function plainLine(value: Json | undefined): string {
  return typeof value === 'string' ? value.replace(/\p{Cc}/gu, '?') : '?';
}
