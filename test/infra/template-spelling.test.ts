import { describe, expect, it, vi } from 'vitest';
import {
  emptyAzure,
  install,
  installation,
  LOG_WORKSPACE,
  HOME,
  OTHER_GROUP,
  type Json,
} from './installation.js';
import { RefusedError } from '../../simulator/actor.js';
import {
  labelOf,
  membersBelow,
  objectAt,
  resourcesIn,
  valueAt,
  withRenamed,
  type Path,
} from './changed-template.js';

vi.setConfig({ testTimeout: 120_000 });

/* Each name in the template is one that Azure, or the template itself, knows: with another one nothing is installed. */

const TEMPLATE = installation();
const WHOLE = {
  scopes: [`/subscriptions/${HOME}`, OTHER_GROUP],
  mode: 'enforce',
  remediators: 'connection-managed-identity=enforce,vault-deleted=enforce',
  logWorkspaceId: LOG_WORKSPACE,
  authClientId: HOME,
};

async function isInstalled(template: Json): Promise<boolean> {
  try {
    return (await install(emptyAzure(), { template, parameters: WHOLE })).state === 'Succeeded';
  } catch (error) {
    if (error instanceof RefusedError) return false;
    throw error;
  }
}

/** Names that are the template's own business: what is said to people, and what a test beside this one knows. */
const FREE = [
  // People read them.
  /^metadata\/|\/metadata\//,
  /^variables\/storageRoles\/\d\/name$/,
  // Only with mode audit.
  /^variables\/roles\/logWorkspace\/audit$/,
  // Settings of the app, which src/settings/schema.ts knows, and the tag by which azd finds it.
  /^variables\/ownSettings\/(HOLDFAST_\w+|languageWorkers__node__arguments)$/,
  /\/tags\/azd-service-name$/,
  /^outputs\/\w+$/,
];
const isFree = (path: Path): boolean => FREE.some((pattern) => pattern.test(path.join('/')));

const resources = (valueAt(TEMPLATE, ['resources']) as Json[]).map((_, i) => ['resources', i] as const);
const parts: readonly (readonly [string, Path])[] = [
  ...['parameters', 'variables', 'outputs'].map((part) => [part, [part]] as const),
  ...resources.map((path) => {
    return [labelOf(objectAt(TEMPLATE, path)), path] as const;
  }),
];

describe('a name that is spelled otherwise is noticed', () => {
  it.each(parts)('in %s', async (_name, part) => {
    const unnoticed: string[] = [];
    for (const below of membersBelow(valueAt(TEMPLATE, part))) {
      const path = [...part, ...below];
      if (isFree(path)) continue;
      if (await isInstalled(withRenamed(path, `${String(path.at(-1))}x`))) unnoticed.push(path.join('/'));
    }
    expect(unnoticed).toEqual([]);
  });
});

describe('an API version that there is not is noticed', () => {
  it.each(resourcesIn(TEMPLATE).map(([path, resource]) => [labelOf(resource), path] as const))(
    'of %s',
    async (_name, path) => {
      const template = installation();
      objectAt(template, path).apiVersion = '2021-01-99';
      expect(await isInstalled(template)).toBe(false);
    },
  );

  it.each([...new Set(JSON.stringify(TEMPLATE).match(/reference\(variables\('\w+'\), '[\d-]+'\)/g))])(
    'in %s',
    async (reference) => {
      const other = reference.replace(/'[\d-]+'/, "'2021-01-99'");
      expect(await isInstalled(JSON.parse(JSON.stringify(TEMPLATE).replace(reference, other)) as Json)).toBe(
        false,
      );
    },
  );
});

it('as it is it is installed with all of this', async () => {
  expect(await isInstalled(TEMPLATE)).toBe(true);
});
