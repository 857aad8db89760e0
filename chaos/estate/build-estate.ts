import {
  apiId,
  compose,
  connectionPath,
  getSecret,
  http,
  keyVaultConnection,
  playbook,
  shut,
  vault,
  vaultPath,
  workflowPath,
  type Playbook,
} from '../../demo/estate.js';
import { SUBSCRIPTION } from '../../demo/stack.js';
import type { Tenant } from './tenant.js';

export const PIPELINE = 'deployment-pipeline';
export const OFFICE = '198.51.100.0/24';
export const SUBNET = `/subscriptions/${SUBSCRIPTION}/resourcegroups/rg-network/providers/microsoft.network/virtualnetworks/vnet/subnets/batch`;

export interface EstateSize {
  readonly vaults: number;
  readonly workflows: number;
  readonly connections: number;
}

/** What is in the estate, by the names under which it was built; people add to it and take from it. */
export interface Estate {
  readonly vaults: readonly string[];
  readonly workflows: readonly string[];
  readonly connections: readonly string[];
}

/** A few vaults, connections and playbooks, as a pipeline deployed them before Holdfast came; half of it is unsafe. */
export async function buildEstate(world: Tenant, size: EstateSize): Promise<Estate> {
  const { azure, random } = world;
  azure.addResourceGroup(SUBSCRIPTION, 'rg-security', 'westeurope');
  const names = (prefix: string, count: number): readonly string[] =>
    Array.from({ length: count }, (_, i) => `${prefix}-${i + 1}`);
  const estate = {
    vaults: names('kv', size.vaults),
    workflows: names('la', size.workflows),
    connections: names('kc', size.connections),
  };
  const pipeline = azure.as(PIPELINE);
  for (const name of estate.vaults)
    await pipeline.put(vaultPath(name), vaultBody(world, random.next() < 0.5));
  for (const [i, name] of estate.connections.entries()) {
    const target = estate.vaults[i % estate.vaults.length] ?? '';
    await pipeline.put(connectionPath(name), connectionBody(world, target, signInOf(name)));
  }
  for (const name of estate.workflows) {
    await pipeline.put(
      workflowPath(name),
      workflowBody(world, pick(world, estate.connections), random.next() < 0.5),
    );
  }
  return estate;
}

export function pick(world: Tenant, names: readonly string[]): string {
  return names[Math.floor(world.random.next() * names.length)] ?? '';
}

/** A value that must never be seen outside Azure. */
export function canary(world: Tenant, where: string): string {
  const value = `Canary${where}${world.random.guid().replaceAll('-', '').slice(0, 20)}`;
  world.canaries.push(value);
  return value;
}

export function vaultBody(world: Tenant, isSafe: boolean): object {
  const subnets = [{ id: SUBNET, ignoreMissingVnetServiceEndpoint: true }];
  const networkAcls = { ...shut(OFFICE), virtualNetworkRules: subnets };
  const safe = { enableSoftDelete: true, enablePurgeProtection: true, networkAcls };
  return vault(world.azure, {
    enableRbacAuthorization: false,
    ...(isSafe ? safe : { enableSoftDelete: true, networkAcls: { ...networkAcls, defaultAction: 'Allow' } }),
  });
}

/** How a connection signs in: as the workflow that uses it, or with a secret that is stored in it. */
export type SignIn = 'managed-identity' | 'application';

export function connectionBody(world: Tenant, vaultName: string, signIn: SignIn): object {
  if (signIn === 'managed-identity') return keyVaultConnection(vaultName, 'managed-identity');
  const parameterValues = {
    vaultName,
    'token:clientId': 'robot',
    'token:clientSecret': canary(world, 'Connection'),
    'token:TenantId': world.azure.tenantId,
    'token:grantType': 'client_credentials',
  };
  const properties = {
    displayName: `Key Vault ${vaultName}`,
    api: { id: apiId('keyvault') },
    parameterValues,
  };
  return { location: 'westeurope', kind: 'V1', properties };
}

/** Which way of signing in a connection has by its name: the last of several has a secret of its own. */
export function signInOf(connection: string): SignIn {
  return connection.endsWith('-2') ? 'application' : 'managed-identity';
}

/** A playbook that gets a secret and passes it on; its author left secrets in its definition and its parameters. */
export function workflowBody(world: Tenant, connection: string, isSafe: boolean): Playbook {
  const body = playbook(
    {
      Get_secret: getSecret('api-token', isSafe),
      Call: http(
        {
          method: 'POST',
          uri: 'https://api.contoso.example/block',
          headers: { Authorization: `Bearer ${canary(world, 'Header')}` },
          body: { password: canary(world, 'Body'), user: 'robot' },
        },
        'Get_secret',
      ),
      Note: compose('done', 'Call'),
    },
    connection,
  );
  const { definition } = body.properties;
  const parameters =
    signInOf(connection) === 'managed-identity' ? body.properties.parameters : withoutIdentity(body);
  const declared = { ...definition.parameters, apiKey: { type: 'String' } };
  return {
    ...body,
    properties: {
      ...body.properties,
      definition: { ...definition, parameters: declared },
      parameters: { ...parameters, apiKey: { value: canary(world, 'Parameter') } },
    },
  };
}

/** The way a workflow names a connection that signs in by itself. */
function withoutIdentity({ properties }: Playbook): object {
  const { $connections } = properties.parameters as { $connections: { value: { keyvault: object } } };
  const entries = Object.entries($connections.value.keyvault).filter(
    ([name]) => name !== 'connectionProperties',
  );
  const keyvault = Object.fromEntries(entries);
  return { $connections: { value: { keyvault } } };
}
