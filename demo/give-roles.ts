import type { Azure } from '../simulator/azure.js';
import { permissionsOf } from '../src/permissions.js';

/** What an installation gives the app's identity: the role of its template on each scope, and one on the workspace of audit events. */
export function giveRoles(
  azure: Azure,
  objectId: string,
  scopes: readonly string[],
  logWorkspace: string | undefined,
): void {
  const { read, write, optional, subscription, logWorkspace: onWorkspace } = permissionsOf();
  const role = azure.addRoleDefinition({
    roleName: 'Holdfast',
    actions: [...read, ...write, ...Object.values(optional).flat()],
  });
  const deleted = azure.addRoleDefinition({ roleName: 'Holdfast deleted vaults', actions: subscription });
  for (const scope of scopes) {
    azure.assignRole({ scope, principalId: objectId, role });
    const inSubscription = scope.split('/').slice(0, 3).join('/');
    if (inSubscription !== scope) {
      azure.assignRole({ scope: inSubscription, principalId: objectId, role: deleted });
    }
  }
  if (logWorkspace !== undefined) {
    const logs = azure.addRoleDefinition({
      roleName: 'Holdfast log workspace',
      actions: onWorkspace.enforce,
    });
    azure.assignRole({ scope: logWorkspace, principalId: objectId, role: logs });
  }
  azure.permissions.govern(objectId);
}
