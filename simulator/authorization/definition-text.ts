import { extensionId, extensionType } from '../arm/extension-route.js';
import type { RoleDefinition } from './role-definitions.js';

/** A role as a GET shows it in a subscription; an empty text is the tenant. */
export function definitionText(role: RoleDefinition, subscription: string): string {
  const { name, roleName, kind, assignableScopes, actions, notActions, dataActions, notDataActions } = role;
  return JSON.stringify({
    properties: {
      roleName,
      type: kind,
      description: role.description,
      assignableScopes,
      permissions: [{ actions, notActions, dataActions, notDataActions }],
    },
    id: extensionId('role-definitions', subscription, name),
    type: extensionType('role-definitions'),
    name,
  });
}
