/** The parts of a resource's id that people know it by. What is no such id is all name. */
export interface ResourceName {
  readonly name: string;
  readonly group: string;
  readonly subscription: string;
  readonly kind: string;
}

const KINDS: Readonly<Record<string, string>> = {
  'microsoft.keyvault/vaults': 'Key Vault',
  'microsoft.logic/workflows': 'Logic App',
  'microsoft.web/connections': 'connection',
};

export function resourceName(resourceId: string): ResourceName {
  const [, , subscription = '', , group = '', , namespace = '', type = '', ...name] = resourceId.split('/');
  if (name.length === 0) return { name: resourceId, group: '', subscription: '', kind: 'subscription' };
  const kind = KINDS[`${namespace}/${type}`.toLowerCase()] ?? 'resource';
  return { name: name.join('/'), group, subscription, kind };
}
