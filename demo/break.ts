import type { Azure } from '../simulator/azure.js';
import { vaultPath } from './estate.js';

interface Happening {
  readonly title: string;
  /** Nothing announces it: only a sweep finds it. */
  readonly isSilent?: boolean;
  /** `storage` is the connection string of Holdfast's storage account. */
  readonly happen: (azure: Azure, storage: string) => unknown;
}

/** Something that goes wrong in real life, and what must be true again afterwards. */
export interface Break extends Happening {
  readonly kind: 'break';
  /** The remediators whose records show that it was put right, and the resources they wrote of. */
  readonly fixes: readonly { readonly resourceId: string; readonly remediators: readonly string[] }[];
  /** Looks at the resources themselves, not at what Holdfast says of them. */
  readonly isFixed: (azure: Azure) => boolean | Promise<boolean>;
}

/** Something that only a person can put right: it must be pointed out. */
export interface Lapse extends Happening {
  readonly kind: 'lapse';
  readonly resourceId: string;
  readonly remediator: string;
}

export interface Resource {
  readonly identity?: { readonly type: string };
  readonly properties?: {
    readonly enablePurgeProtection?: boolean;
    readonly networkAcls?: {
      readonly bypass: string;
      readonly defaultAction: string;
      readonly ipRules: readonly { readonly value: string }[];
      readonly virtualNetworkRules: readonly object[];
    };
    readonly accessPolicies?: readonly {
      readonly objectId: string;
      readonly permissions: { readonly secrets?: readonly string[] };
    }[];
    readonly definition?: { readonly actions: Readonly<Record<string, object>> };
    readonly parameters?: object;
  };
}

/** A resource as it is now; empty where there is none. */
export function resourceIn(azure: Azure, id: string): Resource {
  return JSON.parse(azure.read(id) ?? '{}') as Resource;
}

/** Whether a vault is shut, with these addresses among its rules. */
export function isShutWith(vaultName: string, ...addresses: readonly string[]): (azure: Azure) => boolean {
  return (azure) => {
    const acls = resourceIn(azure, vaultPath(vaultName)).properties?.networkAcls;
    const rules = acls?.ipRules.map(({ value }) => value) ?? [];
    return acls?.defaultAction === 'Deny' && addresses.every((address) => rules.includes(address));
  };
}
