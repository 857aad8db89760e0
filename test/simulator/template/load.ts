import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadTemplate } from '../../../simulator/template/load-template.js';
import type { LoadedTemplate, TemplateOptions } from '../../../simulator/template/loaded-template.js';

export const options: TemplateOptions = {
  subscriptionId: '11111111-1111-1111-1111-111111111111',
  resourceGroup: 'soc',
  location: 'westeurope',
  tenantId: '22222222-2222-2222-2222-222222222222',
};

export const group = `/subscriptions/${options.subscriptionId}/resourceGroups/soc`;

/** The text of a template with these parts. */
export function template(parts: object): string {
  const $schema = 'https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#';
  return JSON.stringify({ $schema, contentVersion: '1.0.0.0', resources: [], ...parts });
}

export function load(parts: object, more: Partial<TemplateOptions> = {}): LoadedTemplate {
  return loadTemplate(template(parts), { ...options, ...more });
}

export function fixture(name: string): string {
  return readFileSync(join('test/fixtures/templates', name), 'utf8');
}

/** A vault with these properties, for templates that are about something else. */
export function vault(properties: object, more: object = {}): object {
  return { type: 'Microsoft.KeyVault/vaults', apiVersion: '2026-02-01', name: 'kv', properties, ...more };
}

/** What an expression becomes in a resource's properties: its JSON text, or why it stays as it is. */
export function evaluate(
  expression: string,
  parts: object = {},
  more: Partial<TemplateOptions> = {},
): { text: string } | { why: string } {
  const loaded = load({ resources: [vault({ value: expression })], ...parts }, more);
  const [left] = loaded.unresolved;
  if (left !== undefined) return { why: left.why };
  const text = /"properties":\{"value":(.*)\}\}$/s.exec(loaded.resources[0]?.text ?? '')?.[1];
  return { text: text ?? '' };
}
