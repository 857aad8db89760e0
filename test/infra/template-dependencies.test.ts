import { describe, expect, it, vi } from 'vitest';
import { RefusedError } from '../../simulator/actor.js';
import { labelOf, resourcesIn, textOf, valueAt, type Path } from './changed-template.js';
import {
  emptyAzure,
  HOME,
  install,
  installation,
  LOG_WORKSPACE,
  OTHER_GROUP,
  type Json,
} from './installation.js';

vi.setConfig({ testTimeout: 120_000 });

/*
 * Azure deploys at once whatever waits for nothing. So each resource is made to take long in turn, and the installation
 * must still succeed; without one of its dependencies it must not.
 */

const CASES: Readonly<Record<string, Readonly<Record<string, Json>>>> = {
  'two subscriptions, enforce': {
    scopes: [`/subscriptions/${HOME}`, OTHER_GROUP],
    mode: 'enforce',
    logWorkspaceId: LOG_WORKSPACE,
    authClientId: HOME,
  },
  'one subscription, audit': {},
  'the archive is locked': { archivePolicyIsLocked: true },
  'code comes by itself': { packageUri: '', eventSubscriptions: false },
};

/** Which resources an entry of `dependsOn` means, by their ids. */
const MEANT: readonly (readonly [RegExp, RegExp])[] = [
  [/immutabilityPolicies'/, /\/immutabilityPolicies\/default$/],
  [/packageContainer/, /\/containers\/app-package$/],
  [/deadLetterContainer/, /\/containers\/holdfast-dead-letters$/],
  [/archiveContainer/, /\/containers\/holdfast-archive$/],
  [/blobServices'/, /\/blobServices\/default$/],
  [/workspaces\/tables'/, /\/tables\/\w+$/],
  [/workspaceId/, /\/rg-holdfast\/providers\/Microsoft.OperationalInsights\/workspaces\/[^/]+$/],
  [/archiveRole/, /\/roleDefinitions\/[^/]+$/],
  [/archiveId/, /\/storageAccounts\/sta[^/]+$/],
  [/storageId/, /\/storageAccounts\/sthold[^/]+$/],
  [/identityId/, /\/userAssignedIdentities\/[^/]+$/],
  [/collectionRuleId/, /\/dataCollectionRules\/[^/]+$/],
  [/insightsId/, /\/components\/[^/]+$/],
  [/serverfarms'/, /\/serverfarms\/[^/]+$/],
  [/appId/, /\/sites\/[^/]+$/],
  [/authsettingsV2/, /\/config\/authsettingsV2$/],
  [/sites\/config'/, /\/config\/appsettings$/],
  [/onedeploy/, /\/extensions\/onedeploy$/],
  [/^storageAccess$/, /\/storageAccounts\/[^/]+\/providers\/Microsoft.Authorization\/roleAssignments\//],
  [/roleDefinitions'/, /\/roleDefinitions\/[^/]+$/],
  [/resourceGroups'/, /\/resourceGroups\/rg-holdfast-events$/],
  [/systemTopics'/, /\/systemTopics\/[^/]+$/],
];

/** Azure would take the resource without it; it is there for another reason. */
const OUR_OWN: readonly (readonly [RegExp, RegExp, string])[] = [
  [/\/appsettings/, /immutabilityPolicies'/, 'no record goes into the archive before nobody can change it'],
  [/\/appsettings/, /authsettingsV2/, 'no header is believed before App Service sees to it'],
];

interface Entry {
  readonly resource: string;
  readonly entry: string;
  readonly path: Path;
}

const entries: readonly Entry[] = resourcesIn(installation()).flatMap(([path, resource]) =>
  (Array.isArray(resource.dependsOn) ? resource.dependsOn : []).map((entry, i) => ({
    resource: labelOf(resource),
    entry: textOf(entry),
    path: [...path, 'dependsOn', i],
  })),
);

function meantBy(entry: string): RegExp {
  const found = MEANT.find(([text]) => text.test(entry))?.[1];
  if (found === undefined)
    throw new RangeError(`Nobody has said which resource ${entry} means: add it to MEANT.`);
  return found;
}

async function isInstalled(
  template: Json,
  parameters: Readonly<Record<string, Json>>,
  slow: RegExp,
): Promise<boolean> {
  const azure = emptyAzure();
  azure.deployments.slow((id) => slow.test(id));
  try {
    return (await install(azure, { template, parameters })).state === 'Succeeded';
  } catch (error) {
    if (error instanceof RefusedError) return false;
    throw error;
  }
}

describe.each(Object.entries(CASES))('%s', (_name, parameters) => {
  it.each(MEANT.map(([, ids]) => ids))('it is installed though %s takes long', async (slow) => {
    expect(await isInstalled(installation(), parameters, slow)).toBe(true);
  });
});

describe('a dependency is there because nothing would be installed without it', () => {
  it.each(entries)('$resource on $entry', async ({ resource, entry, path }) => {
    const template = installation();
    const list = valueAt(template, path.slice(0, -1));
    if (!Array.isArray(list)) throw new RangeError('dependsOn is no list.');
    list.splice(Number(path.at(-1)), 1);
    const outcomes: boolean[] = [];
    for (const parameters of Object.values(CASES)) {
      outcomes.push(await isInstalled(template, parameters, meantBy(entry)));
    }
    const isOurOwn = OUR_OWN.some(([of, on]) => of.test(resource) && on.test(entry));
    expect(outcomes.every((isFine) => isFine)).toBe(isOurOwn);
  });
});
