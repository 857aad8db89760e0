/** The resource types that the simulator keeps, as ARM knows them. */
export interface ResourceType {
  readonly kind: 'vault' | 'workflow' | 'connection';
  readonly namespace: string;
  readonly type: string;
  readonly apiVersions: readonly string[];
  /** https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules */
  readonly name: RegExp;
}

/**
 * The api-versions are those in which the resource type exists, as published in
 * https://github.com/Azure/bicep-types-az (previews that were withdrawn left out).
 */
export const VAULT: ResourceType = {
  kind: 'vault',
  namespace: 'Microsoft.KeyVault',
  type: 'vaults',
  apiVersions: [
    '2015-06-01',
    '2016-10-01',
    '2018-02-14-preview',
    '2018-02-14',
    '2019-09-01',
    '2020-04-01-preview',
    '2021-04-01-preview',
    '2021-06-01-preview',
    '2021-10-01',
    '2021-11-01-preview',
    '2022-07-01',
    '2022-11-01',
    '2023-02-01',
    '2023-07-01',
    '2024-04-01-preview',
    '2024-11-01',
    '2024-12-01-preview',
    '2025-05-01',
    '2026-02-01',
  ],
  // Key Vault says itself, with its own code, what a vault's name must be.
  name: /^[a-z0-9-]{1,127}$/i,
};

export const WORKFLOW: ResourceType = {
  kind: 'workflow',
  namespace: 'Microsoft.Logic',
  type: 'workflows',
  apiVersions: [
    '2015-02-01-preview',
    '2016-06-01',
    '2016-10-01',
    '2017-07-01',
    '2018-07-01-preview',
    '2019-05-01',
  ],
  name: /^[\p{L}\p{N}._()-]{1,80}$/u,
};

export const CONNECTION: ResourceType = {
  kind: 'connection',
  namespace: 'Microsoft.Web',
  type: 'connections',
  apiVersions: ['2015-08-01-preview', '2016-06-01', '2018-07-01-preview'],
  name: /^[\p{L}\p{N}._()-]{1,80}$/u,
};

export const RESOURCE_TYPES: readonly ResourceType[] = [VAULT, WORKFLOW, CONNECTION];

/** `Microsoft.KeyVault/vaults` */
export function fullTypeOf(type: ResourceType): string {
  return `${type.namespace}/${type.type}`;
}

export function typeNamed(namespace: string, type: string): ResourceType | undefined {
  const wanted = `${namespace}/${type}`.toLowerCase();
  return RESOURCE_TYPES.find((candidate) => fullTypeOf(candidate).toLowerCase() === wanted);
}

export const RESOURCE_GROUP_API_VERSIONS: readonly string[] = [
  '2015-11-01',
  '2016-09-01',
  '2018-05-01',
  '2019-10-01',
  '2020-06-01',
  '2020-10-01',
  '2021-01-01',
  '2021-04-01',
  '2022-09-01',
  '2023-07-01',
  '2024-03-01',
  '2024-11-01',
  '2025-04-01',
];

export const TAGS_API_VERSIONS: readonly string[] = RESOURCE_GROUP_API_VERSIONS.filter(
  (version) => version >= '2019-10-01',
);
