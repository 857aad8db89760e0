import type { Azure } from '../simulator/azure.js';
import { getSecret, OPEN, PIPELINE, playbook, shut, vault, vaultPath, workflowPath } from './estate.js';

/** Something that goes wrong in real life, and what must be true again afterwards. */
export interface Break {
  readonly title: string;
  readonly resourceId: string;
  /** The remediators whose records show that it was put right. */
  readonly remediators: readonly string[];
  /** Nothing announces it: only a sweep finds it. */
  readonly isSilent?: boolean;
  readonly happen: (azure: Azure) => unknown;
  /** Looks at the resource itself, not at what Holdfast says of it. */
  readonly isFixed: (resource: Resource) => boolean;
}

export interface Resource {
  readonly properties: {
    readonly enablePurgeProtection?: boolean;
    readonly networkAcls?: {
      readonly defaultAction: string;
      readonly ipRules: readonly { readonly value: string }[];
    };
    readonly definition?: { readonly actions: Readonly<Record<string, unknown>> };
  };
}

const CONNECTORS = ['52.174.88.118/32', '13.69.64.208/28', '13.69.71.192/27'];
const NEW_CONNECTORS = ['52.174.88.118', '13.69.64.208/28', '13.69.71.192/27', '20.86.93.32/27'];

const rulesOf = (resource: Resource): readonly string[] =>
  resource.properties.networkAcls?.ipRules.map(({ value }) => value) ?? [];
const isShutWith =
  (...addresses: string[]) =>
  (resource: Resource): boolean =>
    resource.properties.networkAcls?.defaultAction === 'Deny' &&
    addresses.every((address) => rulesOf(resource).includes(address));
const hidesOutputs = (resource: Resource): boolean =>
  JSON.stringify(resource.properties.definition).includes('"secureData":{"properties":["outputs"]}');

export const BREAKS: readonly Break[] = [
  {
    title: 'Somebody opens a firewall to debug a 403',
    resourceId: vaultPath('kv-sentinel'),
    remediators: ['vault-firewall'],
    happen: (azure) =>
      azure
        .as('alice@contoso.com')
        .patch(vaultPath('kv-sentinel'), { properties: { networkAcls: openKeepingRules(azure) } }),
    isFixed: isShutWith('198.51.100.0/24', ...CONNECTORS),
  },
  {
    title: 'A designer save drops the secure outputs',
    resourceId: workflowPath('Block-User'),
    remediators: ['workflow-secure-outputs'],
    happen: (azure) =>
      azure
        .as('bob@contoso.com')
        .put(
          workflowPath('Block-User'),
          playbook({ Get_secret: getSecret('api-token') }, 'keyvault-sentinel'),
        ),
    isFixed: hidesOutputs,
  },
  {
    title: 'Microsoft changes the connectors’ addresses; nothing announces it',
    resourceId: vaultPath('kv-sentinel'),
    remediators: ['vault-logic-app-ips'],
    isSilent: true,
    happen: (azure) => {
      azure.changeOutboundIps('westeurope', { connector: NEW_CONNECTORS });
    },
    isFixed: isShutWith('198.51.100.0/24', ...CONNECTORS, '20.86.93.32/27'),
  },
  {
    title: 'A new vault comes with the portal’s defaults',
    resourceId: vaultPath('kv-new-project'),
    remediators: ['vault-purge-protection', 'vault-firewall'],
    happen: (azure) =>
      azure
        .as('carol@contoso.com')
        .put(vaultPath('kv-new-project'), vault(azure, { enableSoftDelete: true, networkAcls: OPEN })),
    isFixed: (resource) => resource.properties.enablePurgeProtection === true && isShutWith()(resource),
  },
  {
    title: 'A pipeline wipes the rules and opens the vault',
    resourceId: vaultPath('kv-sentinel'),
    remediators: ['vault-firewall'],
    happen: (azure) =>
      azure.as(PIPELINE).patch(vaultPath('kv-sentinel'), { properties: { networkAcls: OPEN } }),
    isFixed: isShutWith('198.51.100.0/24', ...CONNECTORS, '20.86.93.32/27'),
  },
  {
    title: 'A pipeline replaces the rules of a vault with its own',
    resourceId: vaultPath('kv-sentinel'),
    remediators: ['vault-logic-app-ips'],
    happen: (azure) =>
      azure
        .as(PIPELINE)
        .patch(vaultPath('kv-sentinel'), { properties: { networkAcls: shut('198.51.100.0/24') } }),
    isFixed: isShutWith('198.51.100.0/24', ...CONNECTORS, '20.86.93.32/27'),
  },
];

/** As the portal does it: the radio button goes to all networks, the rules stay in the list. */
function openKeepingRules(azure: Azure): object {
  const { properties } = JSON.parse(azure.read(vaultPath('kv-sentinel')) ?? '{}') as Resource;
  return { ...properties.networkAcls, defaultAction: 'Allow' };
}
