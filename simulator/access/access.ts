import { textAt } from '../json.js';
import { principalOf, type UsedIdentity } from '../logic/connection-references.js';
import type { StoredResource } from '../resource.js';
import { signInOf, vaultNameOf } from '../web/connection-sign-in.js';
import type { World } from '../world.js';
import { secretReads, type SecretRead } from './secret-reads.js';
import { shutDoor } from './vault-door.js';
import { mayGetSecrets, vaultPermissions, type VaultPermissions } from './vault-permissions.js';

/** Whether one action would get its secret if it ran now, and why not. */
export interface Reading {
  readonly action: string;
  readonly ok: boolean;
  /** One clause; of success as well. */
  readonly why: string;
}

type Verdict = Omit<Reading, 'action'>;

/** Who could read what: worked out from the estate as it is, asking nobody and changing nothing. */
export class Access {
  constructor(private readonly world: () => World) {}

  /** Each action of a workflow that gets a secret. Throws a RangeError for a workflow that there is not. */
  canRead(workflowId: string): readonly Reading[] {
    const world = this.world();
    const workflow = world.estate.find(workflowId);
    if (workflow?.type.kind !== 'workflow') throw new RangeError(`There is no workflow ${workflowId}.`);
    return secretReads(workflow, (id) => isKeyVault(world, id)).map((read) => ({
      action: read.action,
      ...(read.kind === 'http' ? byHttp(world, workflow, read) : byConnection(world, workflow, read)),
    }));
  }

  /** Throws a RangeError for a vault that there is not. */
  permissions(vaultId: string, principalId: string): VaultPermissions {
    const world = this.world();
    const vault = world.estate.find(vaultId);
    if (vault?.type.kind !== 'vault') throw new RangeError(`There is no vault ${vaultId}.`);
    return vaultPermissions(world, vault, principalId);
  }

  canGetSecrets(vaultId: string, principalId: string): boolean {
    return mayGetSecrets(this.permissions(vaultId, principalId));
  }
}

function byConnection(
  world: World,
  workflow: StoredResource,
  { key, reference }: Extract<SecretRead, { kind: 'connection' }>,
): Verdict {
  const connection =
    reference?.connectionId === undefined ? undefined : world.estate.find(reference.connectionId);
  if (reference === undefined || connection === undefined) return no(`there is no connection ${key}`);
  const { state } = connection;
  const vault = vaultNamed(world, vaultNameOf(state));
  if (vault === undefined) return no(`there is no vault ${vaultNameOf(state) ?? ''}`);
  const door = shutDoor(vault, world.platformIps.of(workflow.state.location).connector);
  if (door !== null) return no(door);
  const signIn = signInOf(state);
  if (signIn.kind === 'nobody') return no(`nobody has signed in to ${connection.name}`);
  if (signIn.kind !== 'managed-identity') {
    // https://github.com/Azure/bicep-types-az/issues/2197
    if (reference.identity !== null) {
      return no(`${connection.name} is not configured to support managed identity`);
    }
    if (signIn.kind === 'credentials') return yes('with credentials of its own, taken to be allowed');
    return granted(world, vault, signIn.objectId, `as ${signIn.name}`);
  }
  if (reference.identity !== null) return byIdentity(world, workflow, vault, reference.identity);
  // What a run makes of it nobody knows; the service does not save it (LogicAppsUX#2203).
  if (world.switches.values.managedIdentityConnectionWithoutAuthentication === 'fails') {
    return no(`${connection.name} needs an authentication that the workflow does not name`);
  }
  return byIdentity(world, workflow, vault, { kind: 'system' });
}

function byHttp(
  world: World,
  workflow: StoredResource,
  { vaultName, identity }: Extract<SecretRead, { kind: 'http' }>,
): Verdict {
  const vault = vaultNamed(world, vaultName);
  if (vault === undefined) return no(`there is no vault ${vaultName}`);
  // HTTP actions call from the runtime's addresses (the Logic Apps limits page).
  const door = shutDoor(vault, world.platformIps.of(workflow.state.location).runtime);
  if (door !== null) return no(door);
  if (identity !== null) return byIdentity(world, workflow, vault, identity);
  return yes('with a token of its own, taken to be allowed');
}

function byIdentity(
  world: World,
  workflow: StoredResource,
  vault: StoredResource,
  used: UsedIdentity,
): Verdict {
  const principalId = principalOf(used, workflow.state.top.get('identity'));
  const name =
    used.kind === 'system' ? 'its own identity' : `the identity ${used.id.split('/').at(-1) ?? ''}`;
  if (principalId === undefined) return no(`the workflow does not have ${name}`);
  return granted(world, vault, principalId, `as ${name}`);
}

function granted(world: World, vault: StoredResource, principalId: string, who: string): Verdict {
  const permissions = vaultPermissions(world, vault, principalId);
  const may = mayGetSecrets(permissions);
  return {
    ok: may,
    why: `${who}, which may${may ? '' : ' not'} get secrets of ${vault.name} by ${permissions.model}`,
  };
}

function vaultNamed(world: World, name: string | undefined): StoredResource | undefined {
  return world.estate.find(world.estate.vaultKeyNamed(name ?? '') ?? '');
}

function isKeyVault(world: World, connectionId: string): boolean {
  const connection = world.estate.find(connectionId);
  const api: unknown = JSON.parse(connection?.state.properties.get('api') ?? 'null');
  return connection === undefined || /\/managedApis\/keyvault$/i.test(textAt(api, 'id') ?? '');
}

function yes(why: string): Verdict {
  return { ok: true, why };
}

function no(why: string): Verdict {
  return { ok: false, why };
}
