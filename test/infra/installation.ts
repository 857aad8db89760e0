import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Deployment, DeploymentError } from '../../simulator/deployments/deployments.js';
import { Azure, type AzureOptions } from '../../simulator/azure.js';

export const HOME = '11111111-1111-4111-8111-111111111111';
export const OTHER = '33333333-3333-4333-8333-333333333333';
export const OTHER_GROUP = `/subscriptions/${OTHER}/resourceGroups/rg-apps`;
export const LOG_WORKSPACE = `${OTHER_GROUP}/providers/Microsoft.OperationalInsights/workspaces/la-security`;
export const GROUP = `/subscriptions/${HOME}/resourceGroups/rg-holdfast`;
export const PACKAGE = 'https://github.com/holdfast-dev/holdfast/releases/latest/download/holdfast.zip';
/** What the app's package has: its triggers. */
const FUNCTIONS = ['resourceChanged', 'sweep', 'reconcile', 'remediate', 'audit'];

export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

/** The template of the installation, to be changed by whoever asks for it. */
export function installation(): { [name: string]: Json } {
  const text = readFileSync(join(__dirname, '../../infra/azuredeploy.json'), 'utf8');
  return JSON.parse(text) as { [name: string]: Json };
}

/** An Azure in this process with the subscriptions, the group and the published package of an installation. */
export function emptyAzure(options: AzureOptions = {}): Azure {
  const azure = new Azure(() => 'https://management.azure.com', {
    subscriptions: [HOME, OTHER],
    ...options,
    switches: { principalWithType: 'checked', ...options.switches },
  });
  prepare(azure);
  return azure;
}

export function prepare(azure: Azure): void {
  azure.addResourceGroup(HOME, 'rg-holdfast', 'westeurope');
  azure.addResourceGroup(OTHER, 'rg-apps', 'northeurope');
  azure.logs.addWorkspace(LOG_WORKSPACE);
  azure.functionApps.publish(PACKAGE, FUNCTIONS);
}

export interface Install {
  readonly parameters?: Readonly<Record<string, Json>>;
  readonly template?: Json;
  readonly name?: string;
}

/** Deploys the installation and waits for its end. Rejects with a RefusedError where ARM does not even begin. */
export async function install(
  azure: Azure,
  { parameters = {}, template, name = 'holdfast' }: Install = {},
): Promise<Deployment> {
  const id = `${GROUP}/providers/Microsoft.Resources/deployments/${name}`;
  const given = Object.fromEntries(Object.entries(parameters).map(([key, value]) => [key, { value }]));
  await azure.as('installer@contoso.com').put(`${id}?api-version=2022-09-01`, {
    properties: { mode: 'Incremental', template: template ?? installation(), parameters: given },
  });
  const ended = await azure.deployments.ended(id);
  if (ended === undefined) throw new Error(`There is no deployment ${id}.`);
  return ended;
}

/** Every error of a deployment, also of nested ones, as `code: message`. */
export function errorsOf({ error }: Deployment): readonly string[] {
  return error === null ? [] : leaves(error);
}

function leaves({ code, message, details = [] }: DeploymentError): readonly string[] {
  return details.length === 0 ? [`${code}: ${message}`] : details.flatMap(leaves);
}
