import { pointerKeys } from '../../types/apply-edits.js';
import type { Edit } from '../../types/edit.js';
import { getIgnoringCase, type Json } from '../../types/json.js';
import type { SourceKind } from './change-at-source.js';
import { bicepText, shortList, terraformText } from './template-text.js';

const WORKFLOW = 'Microsoft.Logic/workflows@2019-05-01';
const CONNECTION = 'Microsoft.Web/connections@2016-06-01';

/** What the edits of a workflow and of a connection come to in a template. */
export const WORKFLOW_SOURCES: readonly SourceKind[] = [
  {
    path: /\/secureData\/properties$/i,
    write: (edits) => ({
      bicep: `${WORKFLOW}: in properties.definition, ${shortList([...hidden(edits)].map(([name, parts]) => `${bicepText(name)}: runtimeConfiguration: { secureData: { properties: [ ${parts.map(bicepText).join(', ')} ] } }`))}.`,
      terraform: `in the body of azurerm_logic_app_action_custom or azurerm_logic_app_trigger_custom, ${shortList([...hidden(edits)].map(([name, parts]) => `${terraformText(name)}: runtimeConfiguration = { secureData = { properties = [${parts.map(terraformText).join(', ')}] } }`))}. azurerm_logic_app_action_http has no argument for it: write such an action as azurerm_logic_app_action_custom.`,
    }),
  },
  {
    path: /^\/identity(?:\/type)?$/i,
    write: () => ({
      bicep: `${WORKFLOW}: identity: { type: 'SystemAssigned' }.`,
      terraform: 'azurerm_logic_app_workflow: identity { type = "SystemAssigned" }.',
    }),
  },
  {
    path: /^\/properties\/parameters\/\$connections\//i,
    write: (edits) => {
      const entries = [...Map.groupBy(edits, ({ path }) => pointerKeys(path)[4] ?? '')];
      return {
        bicep: `${WORKFLOW}: in properties.parameters['$connections'].value ${shortList(entries.map(([key, own]) => `${bicepText(key)}: { ${pairs(own, ': ', bicepText)} }`))}.`,
        terraform: `azurerm_logic_app_workflow: in parameters = { "$connections" = jsonencode({...}) } ${shortList(entries.map(([key, own]) => `${terraformText(key)} = { ${pairs(own, ' = ', terraformText)} }`))}.`,
      };
    },
  },
  {
    // https://github.com/Azure/bicep-types-az/issues/2717
    // https://github.com/hashicorp/terraform-provider-azurerm/issues/19234
    path: /^\/connections\//,
    write: ([edit]) => {
      const name = pointerKeys(edit?.path ?? '')[1];
      const vault = vaultNameIn(edit?.after);
      return {
        bicep: `${CONNECTION}, name: ${bicepText(name)}: kind: 'V1', properties: { parameterValueType: 'Alternative', alternativeParameterValues: { vaultName: ${bicepText(vault)} } }, which Bicep's types lack (a warning) and Azure takes.`,
        terraform: `azurerm_api_connection has no argument for signing in with the managed identity. Use azapi_resource: type = "${CONNECTION}", name = ${terraformText(name)}, schema_validation_enabled = false, and in its properties parameterValueType = "Alternative", alternativeParameterValues = { vaultName = ${terraformText(vault)} }.`,
      };
    },
  },
];

/** By the action's or trigger's name, what of it is to be hidden. */
function hidden(edits: readonly Edit[]): ReadonlyMap<string, readonly Json[]> {
  const named = Map.groupBy(edits, ({ path }) => pointerKeys(path).at(-4) ?? '');
  return new Map([...named].map(([name, own]) => [name, own.map(({ after }) => after)]));
}

/** Where an entry points, and as whom it signs in. */
function pairs(edits: readonly Edit[], is: string, quote: (value: Json | undefined) => string): string {
  const written = edits.flatMap(({ path, after }) => {
    const key = pointerKeys(path).at(-1)?.toLowerCase();
    if (key === 'connectionid') return [`connectionId${is}${quote(after)}`];
    if (key === 'connectionname') return [`connectionName${is}${quote(after)}`];
    if (key !== 'authentication') return [];
    const identity = getIgnoringCase(after, 'identity');
    const own = identity === undefined ? '' : `, identity${is}${quote(identity)}`;
    const authentication = `{ type${is}${quote('ManagedServiceIdentity')}${own} }`;
    return [`connectionProperties${is}{ authentication${is}${authentication} }`];
  });
  return written.join(', ');
}

/** In either form that a connection has: `successor.ts`. */
function vaultNameIn(connection: Json | undefined): Json | undefined {
  const properties = getIgnoringCase(connection, 'properties');
  const single = getIgnoringCase(getIgnoringCase(properties, 'alternativeParameterValues'), 'vaultName');
  const set = getIgnoringCase(getIgnoringCase(properties, 'parameterValueSet'), 'values');
  return single ?? getIgnoringCase(getIgnoringCase(set, 'vaultName'), 'value');
}
