import type { ArmPart, ArmUrl } from '../engine/ports/arm.js';
import { armTypeOf, type ResourceId, type ResourceKind } from '../types/resource-id.js';
import type { Scope } from '../types/scope.js';

/** The API versions Holdfast speaks. Older Key Vault versions retire on 2027-02-27. */
export const API_VERSIONS = {
  vault: '2026-02-01',
  workflow: '2019-05-01',
  connection: '2016-06-01',
  resourceGroups: '2021-04-01',
  roleAssignments: '2022-04-01',
  /** There is no stable one with category groups. */
  diagnosticSettings: '2021-05-01-preview',
  tags: '2021-04-01',
  activityLog: '2015-04-01',
} as const;

export function resourceUrl(
  armEndpoint: string,
  id: ResourceId,
  child = '',
  apiVersion: string = API_VERSIONS[id.kind],
): string {
  const group = encodeURIComponent(id.resourceGroup);
  const path = `/subscriptions/${id.subscriptionId}/resourceGroups/${group}/providers/${armTypeOf(id.kind)}/${encodeURIComponent(id.name)}`;
  return `${armEndpoint}${path}${child}?api-version=${apiVersion}`;
}

export function listUrl(armEndpoint: string, scope: Scope, kind: ResourceKind): string {
  return `${armEndpoint}${scopePath(scope)}/providers/${armTypeOf(kind)}?api-version=${API_VERSIONS[kind]}`;
}

export function scopePath(scope: Scope): string {
  const subscription = `/subscriptions/${scope.subscriptionId}`;
  return scope.resourceGroup === null
    ? subscription
    : `${subscription}/resourceGroups/${encodeURIComponent(scope.resourceGroup)}`;
}

/** The URLs of resources and their parts, for whoever sends the requests themselves. */
export function createArmUrl(armEndpoint: string): ArmUrl {
  return (id, part) => {
    const { child, apiVersion } = partOf(id, part);
    return resourceUrl(armEndpoint, id, child, apiVersion);
  };
}

function partOf(id: ResourceId, part?: ArmPart): { readonly child: string; readonly apiVersion: string } {
  switch (part?.kind) {
    case undefined:
      return { child: '', apiVersion: API_VERSIONS[id.kind] };
    case 'tags':
      return { child: '/providers/Microsoft.Resources/tags/default', apiVersion: API_VERSIONS.tags };
    case 'access-policies-add':
      return { child: '/accessPolicies/add', apiVersion: API_VERSIONS[id.kind] };
    case 'diagnostic-setting': {
      const child = `/providers/Microsoft.Insights/diagnosticSettings/${encodeURIComponent(part.name)}`;
      return { child, apiVersion: API_VERSIONS.diagnosticSettings };
    }
  }
}
