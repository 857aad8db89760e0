import { deployTemplate } from './deploy-template.js';
import { memberOf, stringOf } from './json-node.js';
import { createLoad } from './load.js';
import type { LoadedTemplate, TemplateOptions } from './loaded-template.js';
import { readJson } from './read-json.js';
import type { Place } from './scope.js';
import { TemplateError } from './template-error.js';
import { createScope } from './template-scope.js';
import type { Node } from 'jsonc-parser';

/**
 * Reads an ARM template as a deployment of it would: the resources it makes, what of them could not be told,
 * and what was assumed. It does no I/O, and the same text and options give the same answer. Throws
 * TemplateError if the text is no template, or one made to run for ever.
 */
export function loadTemplate(text: string, options: TemplateOptions): LoadedTemplate {
  const document = readJson(text);
  const schema = schemaOf(document.root);
  const load = createLoad(options);
  const place = placeOf(schema, options);
  const scope = createScope(
    { node: document.root, pointer: '', text: document.text, place, given: load.given, frozen: new Map() },
    load,
  );
  deployTemplate(document.root, '', scope, place);
  return { resources: load.resources, unresolved: [...load.unresolved.values()], assumed: load.assumed };
}

function schemaOf(root: Node): string {
  const schema = stringOf(memberOf(root, '$schema'));
  if (schema === undefined) throw new TemplateError('The JSON is not an ARM template: it has no $schema.');
  if (!/deploymentTemplate\.json/i.test(schema)) {
    throw new TemplateError(`The JSON is not an ARM template: its $schema is ${schema}.`);
  }
  if (memberOf(root, 'resources') === undefined) {
    throw new TemplateError('The ARM template has no resources.');
  }
  return schema;
}

function placeOf(schema: string, options: TemplateOptions): Place {
  const { tenantId, subscriptionId, resourceGroup, location, deploymentName = 'azuredeploy' } = options;
  const place = { tenantId, subscriptionId, resourceGroup, location, deploymentName };
  if (/subscriptionDeploymentTemplate/i.test(schema)) return { ...place, resourceGroup: null };
  if (/(managementGroup|tenant)DeploymentTemplate/i.test(schema)) {
    return { ...place, resourceGroup: null, subscriptionId: null };
  }
  return place;
}
