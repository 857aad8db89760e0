import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Azure } from '../simulator/azure.js';
import { loadTemplate } from '../simulator/template/load-template.js';
import type {
  LoadedResource,
  LoadedTemplate,
  MissingParameter,
  Json,
} from '../simulator/template/loaded-template.js';
import { PIPELINE } from './estate.js';
import { SUBSCRIPTION } from './stack.js';

export interface LoadReport {
  readonly files: number;
  readonly vaults: number;
  readonly workflows: number;
  readonly connections: number;
  /** What could not be resolved or deployed, with the reason: said, not guessed. */
  readonly remarks: readonly string[];
}

/** In this order, so that what is named exists before who names it. */
const TYPES = [
  'microsoft.keyvault/vaults',
  'microsoft.web/connections',
  'microsoft.logic/workflows',
] as const;

/** Deploys every template of a folder into a resource group of its own. */
export async function loadTemplates(azure: Azure, folder: string): Promise<LoadReport> {
  const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
  if (files.length === 0) throw new Error(`There is no .json file in ${folder}.`);
  const remarks: string[] = [];
  const counts = new Map<string, number>();
  for (const file of files.sort()) {
    const stem = basename(file, '.json');
    const group = `rg-${stem}`.slice(0, 90);
    const loaded = load(azure, file, readFileSync(join(folder, file), 'utf8'), stem, group);
    azure.addResourceGroup(SUBSCRIPTION, group, 'westeurope');
    remarks.push(...loaded.unresolved.map(({ pointer, why }) => `${file} ${pointer}: ${why}`));
    for (const resource of inOrder(loaded.resources)) {
      const problem = await deploy(azure, resource);
      if (problem === null) counts.set(typeOf(resource), (counts.get(typeOf(resource)) ?? 0) + 1);
      else remarks.push(`${file} ${resource.name}: ${problem}`);
    }
  }
  const [vaults, connections, workflows] = TYPES.map((type) => counts.get(type) ?? 0);
  return {
    files: files.length,
    vaults: vaults ?? 0,
    connections: connections ?? 0,
    workflows: workflows ?? 0,
    remarks,
  };
}

function load(azure: Azure, file: string, text: string, stem: string, resourceGroup: string): LoadedTemplate {
  const options = {
    subscriptionId: SUBSCRIPTION,
    resourceGroup,
    location: 'westeurope',
    tenantId: azure.tenantId,
    // Some playbooks' default name is a placeholder in angle brackets, which is not a name.
    parameters: { PlaybookName: stem, workspace: 'la-security', 'workspace-location': 'westeurope' },
    fillMissingParameters: (parameter: MissingParameter) => fill(parameter, stem),
  };
  try {
    return loadTemplate(text, options);
  } catch (error) {
    throw new Error(`${file}: ${error instanceof Error ? error.message : 'it cannot be loaded'}`, {
      cause: error,
    });
  }
}

/** Vault names are unique in all of Azure, so each template gets its own. */
function fill({ name, type, allowedValues, minValue }: MissingParameter, stem: string): Json {
  if (allowedValues.length > 0) return allowedValues[0] ?? null;
  if (/vault/i.test(name) && /name/i.test(name)) return `kv-${stem}`.slice(0, 24).replace(/-+$/, '');
  if (type === 'int') return minValue ?? 1;
  if (type === 'bool') return true;
  if (type === 'array') return [];
  return type === 'object' || type === 'secureobject' ? {} : `example-${name.replace(/[^A-Za-z0-9]/g, '')}`;
}

function inOrder(resources: readonly LoadedResource[]): readonly LoadedResource[] {
  return TYPES.flatMap((type) => resources.filter((resource) => typeOf(resource) === type));
}

function typeOf({ type }: LoadedResource): string {
  return type.toLowerCase();
}

/** Null where Azure took it. */
async function deploy(azure: Azure, resource: LoadedResource): Promise<string | null> {
  const version = resource.apiVersion === null ? '' : `?api-version=${resource.apiVersion}`;
  try {
    await azure.as(PIPELINE).put(`${resource.id}${version}`, resource.text);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
