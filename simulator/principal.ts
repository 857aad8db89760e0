import { guidOf } from './random.js';

/** Somebody who calls ARM. */
export type Principal = User | Application;

export interface User {
  readonly kind: 'user';
  readonly objectId: string;
  /** The user principal name, e.g. alice@contoso.com. */
  readonly name: string;
  readonly displayName: string;
  readonly ip: string | null;
}

export interface Application {
  readonly kind: 'servicePrincipal' | 'managedIdentity';
  readonly objectId: string;
  readonly appId: string;
  readonly name: string;
  readonly ip: string | null;
}

/** By name alone: one with an `@` is a user, any other a service principal. The ids follow from the name. */
export function principalNamed(name: string): Principal {
  return name.includes('@') ? user(name) : servicePrincipal(name);
}

export function user(name: string, ip: string | null = '203.0.113.7'): User {
  const local = name.split('@')[0] ?? name;
  return {
    kind: 'user',
    objectId: guidOf(`object:${name}`),
    name,
    displayName: local.charAt(0).toUpperCase() + local.slice(1),
    ip,
  };
}

export function servicePrincipal(name: string, ip: string | null = '198.51.100.20'): Application {
  return {
    kind: 'servicePrincipal',
    objectId: guidOf(`object:${name}`),
    appId: guidOf(`app:${name}`),
    name,
    ip,
  };
}

export function managedIdentity(name: string): Application {
  return {
    kind: 'managedIdentity',
    objectId: guidOf(`object:${name}`),
    appId: guidOf(`app:${name}`),
    name,
    ip: null,
  };
}

/** How AuthorizationFailed names a caller: a user by name, an application by its client id. */
export function clientNameOf(principal: Principal): string {
  return principal.kind === 'user' ? principal.name : principal.appId;
}

/**
 * The claims as an Azure subscription's events carry them: the long ones under their URL-form keys.
 * https://learn.microsoft.com/azure/event-grid/event-schema-subscriptions
 */
export function eventClaims(
  principal: Principal,
  tenantId: string,
  audience: string,
): Record<string, string> {
  const common = {
    aud: audience,
    iss: `https://sts.windows.net/${tenantId}/`,
    'http://schemas.microsoft.com/identity/claims/objectidentifier': principal.objectId,
    'http://schemas.microsoft.com/identity/claims/tenantid': tenantId,
    'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/nameidentifier': guidOf(
      `sub:${principal.objectId}`,
    ),
    ...(principal.ip === null ? {} : { ipaddr: principal.ip }),
    ver: '1.0',
  };
  if (principal.kind !== 'user') return { ...common, appid: principal.appId, appidacr: '2', idtyp: 'app' };
  return {
    ...common,
    // The Azure portal's client id: people use the portal.
    appid: 'c44b4083-3bb0-49c1-b47d-974e53cbdf3c',
    appidacr: '2',
    name: principal.displayName,
    'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name': principal.name,
    'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn': principal.name,
    'http://schemas.microsoft.com/identity/claims/scope': 'user_impersonation',
  };
}
