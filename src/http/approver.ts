import { z } from 'zod';
import type { Actor } from '../types/record.js';

/** The Entra app role that lets somebody approve. */
export const APPROVE_ROLE = 'Holdfast.Approve';

export type Approver =
  { readonly kind: 'approver'; readonly actor: Actor } | { readonly kind: 'denied'; readonly why: string };

/** App Service refuses longer headers; a token with many groups fills some kilobytes. */
const MAX_LENGTH = 64 * 1024;

/** https://learn.microsoft.com/azure/app-service/configure-authentication-user-identities#decode-the-client-principal-header */
const principalSchema = z.object({
  auth_typ: z.string(),
  claims: z.array(z.object({ typ: z.string(), val: z.string() })).max(5000),
  name_typ: z.string().nullish(),
  role_typ: z.string().nullish(),
});

type Principal = z.infer<typeof principalSchema>;

/** App Service maps some claims of a token to names of their own, and leaves others as they are. */
const ROLE = ['roles', 'http://schemas.microsoft.com/ws/2008/06/identity/claims/role'];
const OBJECT_ID = ['oid', 'http://schemas.microsoft.com/identity/claims/objectidentifier'];
const NAME = ['preferred_username', 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn', 'upn'];

/**
 * Who asks, by the header `X-MS-CLIENT-PRINCIPAL`, and whether they hold the role. Only where App Service authentication
 * is on is the header App Service's, which takes it off every request from outside.
 */
export function readApprover(header: string | null): Approver {
  if (header === null || header === '')
    return denied('The request has no token of Microsoft Entra ID; a function key alone approves nothing.');
  const principal = parse(header);
  if (principal === null) return denied('The header X-MS-CLIENT-PRINCIPAL cannot be read.');
  if (principal.auth_typ.toLowerCase() !== 'aad')
    return denied('The caller has not signed in with Microsoft Entra ID.');
  const roles = valuesOf(principal, [...ROLE, ...(principal.role_typ ? [principal.role_typ] : [])]);
  if (!roles.includes(APPROVE_ROLE)) return denied(`The caller does not hold the app role ${APPROVE_ROLE}.`);
  const [id] = valuesOf(principal, OBJECT_ID);
  if (id === undefined) return denied('The token does not say whose it is (no object id).');
  const [name] = valuesOf(principal, [...NAME, ...(principal.name_typ ? [principal.name_typ] : [])]);
  return { kind: 'approver', actor: { id: id.slice(0, 200), name: name?.slice(0, 200) ?? null, ip: null } };
}

function parse(header: string): Principal | null {
  if (header.length > MAX_LENGTH || !/^[A-Za-z0-9+/_-]+={0,2}$/.test(header)) return null;
  try {
    const parsed = principalSchema.safeParse(JSON.parse(Buffer.from(header, 'base64').toString('utf8')));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

function valuesOf({ claims }: Principal, types: readonly string[]): readonly string[] {
  return types.flatMap((type) => claims.flatMap(({ typ, val }) => (typ === type && val !== '' ? [val] : [])));
}

function denied(why: string): Approver {
  return { kind: 'denied', why };
}
