import type { VaultPermission } from '../types/observation.js';
import { textOf, type Folded } from './folded.js';
import { segmentsOf } from './key-vault-operation.js';

/** What operations ask of a vault, by their paths; null where no source says which permission that is. */
type Operations = readonly (readonly [path: string, permission: VaultPermission | null])[];

interface Template {
  readonly segments: readonly string[];
  readonly permission: VaultPermission | null;
}

/**
 * The operations of a vault and the permission that each says it requires (`*` is a name or a version):
 * https://learn.microsoft.com/rest/api/keyvault. Left out are those whose pages and permissions disagree (rotation
 * policies, issuers, the list of deleted certificates), and managed storage accounts.
 */
const REST = templates([
  ...(['secrets', 'keys', 'certificates'] as const).flatMap((of): Operations => [
    [`GET ${of}`, `${of}/list`],
    [`GET ${of}/*/versions`, `${of}/list`],
    [`DELETE ${of}/*`, `${of}/delete`],
    [`POST ${of}/*/backup`, `${of}/backup`],
    [`POST ${of}/restore`, `${of}/restore`],
    [`GET deleted${of}/*`, `${of}/get`],
    [`DELETE deleted${of}/*`, `${of}/purge`],
    [`POST deleted${of}/*/recover`, `${of}/recover`],
  ]),
  ['GET secrets/*', 'secrets/get'],
  ['GET secrets/*/*', 'secrets/get'],
  ['PUT secrets/*', 'secrets/set'],
  ['PATCH secrets/*', 'secrets/set'],
  ['PATCH secrets/*/*', 'secrets/set'],
  ['GET deletedsecrets', 'secrets/list'],
  ['GET keys/*/rotationpolicy', null],
  ['GET keys/*', 'keys/get'],
  ['GET keys/*/*', 'keys/get'],
  ['GET keys/*/*/attestation', 'keys/get'],
  ['PUT keys/*', 'keys/import'],
  ['PATCH keys/*', 'keys/update'],
  ['PATCH keys/*/*', 'keys/update'],
  ['POST keys/*/create', 'keys/create'],
  ['POST keys/*/rotate', 'keys/rotate'],
  ...(['encrypt', 'decrypt', 'sign', 'verify', 'wrapkey', 'unwrapkey', 'release'] as const).flatMap(
    (work): Operations => [
      [`POST keys/*/${work}`, `keys/${work}`],
      [`POST keys/*/*/${work}`, `keys/${work}`],
    ],
  ),
  ['GET deletedkeys', 'keys/list'],
  ['GET certificates/issuers', null],
  ['GET certificates/issuers/*', null],
  ['PATCH certificates/issuers/*', null],
  ['GET certificates/contacts', 'certificates/managecontacts'],
  ['PUT certificates/contacts', 'certificates/managecontacts'],
  ['DELETE certificates/contacts', 'certificates/managecontacts'],
  ['GET certificates/*', 'certificates/get'],
  ['GET certificates/*/*', 'certificates/get'],
  ['PATCH certificates/*', 'certificates/update'],
  ['PATCH certificates/*/*', 'certificates/update'],
  ['DELETE certificates/*/pending', 'certificates/update'],
  ['POST certificates/*/create', 'certificates/create'],
  ['POST certificates/*/import', 'certificates/import'],
  ['POST certificates/*/pending/merge', 'certificates/create'],
]);

/**
 * The same of the Key Vault connector, whose operations (https://learn.microsoft.com/connectors/keyvault) do one
 * thing of a vault's each. What its metadata operations ask of the vault is not documented.
 */
const CONNECTOR = templates(
  (['secrets', 'keys'] as const).flatMap((of): Operations => {
    const work =
      of === 'secrets'
        ? ([['value', 'secrets/get']] as const)
        : ([
            ['encrypt', 'keys/encrypt'],
            ['decrypt', 'keys/decrypt'],
          ] as const);
    return [
      [of, `${of}/list`],
      [`${of}/*/versions`, `${of}/list`],
      [`${of}/*/metadata`, null],
      [`${of}/*/versions/*/metadata`, null],
      ...work.flatMap(([last, permission]): Operations =>
        ['*', '*/*', '*/versions/*'].map((name) => [`${of}/${name}/${last}`, permission]),
      ),
    ];
  }),
);

/** The permission that a call of the Key Vault connector needs; null where it cannot be told. */
export function connectorPermissionOf(path: Folded): VaultPermission | null {
  return permissionIn(CONNECTOR, segmentsOf(textOf(path)));
}

/** The permission that a call of a vault itself needs; null where it cannot be told. */
export function restPermissionOf(method: string | null, path: string): VaultPermission | null {
  const [collection = null, ...rest] = segmentsOf(path);
  if (method === null || collection === null) return null;
  return permissionIn(REST, [`${method.toUpperCase()} ${collection}`, ...rest]);
}

/** Whether a path may be one of the Key Vault connector's; true where it cannot be told. */
export function mayBeConnectorPath(path: Folded): boolean {
  const [collection] = segmentsOf(textOf(path));
  return collection === null || collection === 'secrets' || collection === 'keys';
}

/** Those that say more of a path first. */
function templates(operations: Operations): readonly Template[] {
  const wildcards = ({ segments }: Template): number => segments.filter((segment) => segment === '*').length;
  return operations
    .map(([path, permission]) => ({ segments: path.split('/'), permission }))
    .sort((a, b) => wildcards(a) - wildcards(b));
}

/** Null too where a part of the path that is not known may make it another operation. */
function permissionIn(
  operations: readonly Template[],
  segments: readonly (string | null)[],
): VaultPermission | null {
  const fitting = operations.filter((template) => template.segments.length === segments.length);
  const certain = fitting.find((template) => fits(template, segments, false));
  if (certain === undefined) return null;
  const others = fitting.filter(
    (template) => !fits(template, segments, false) && fits(template, segments, true),
  );
  return others.every(({ permission }) => permission === certain.permission) ? certain.permission : null;
}

function fits(template: Template, segments: readonly (string | null)[], possibly: boolean): boolean {
  return template.segments.every((wanted, i) => {
    const segment = segments[i] ?? null;
    return wanted === '*' || wanted === segment || (possibly && segment === null);
  });
}
