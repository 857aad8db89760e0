import { createHmac, timingSafeEqual } from 'node:crypto';
import { ArmFailure } from '../arm/arm-error.js';
import { isObject, textAt } from '../json.js';
import type { Principal } from '../principal.js';

/** Issues access tokens (JWTs signed with a secret of this run) and reads them back. */
export class Tokens {
  constructor(
    private readonly tenantId: string,
    private readonly secret: string,
    /** ARM's own audiences: its URL, with and without the slash at the end. */
    private readonly audiences: () => readonly string[],
  ) {}

  /** `tenantId` is where the principal has signed in: a token of another tenant is one that ARM refuses. */
  issue(
    principal: Principal,
    audience: string,
    issuedAt: number,
    lifetime: number,
    id: string,
    tenantId: string = this.tenantId,
  ): string {
    const claims = {
      aud: audience,
      iss: `https://sts.windows.net/${tenantId}/`,
      iat: issuedAt,
      nbf: issuedAt,
      exp: issuedAt + lifetime,
      oid: principal.objectId,
      sub: principal.objectId,
      tid: tenantId,
      uti: id,
      ver: '1.0',
      ...(principal.kind === 'user'
        ? { name: principal.displayName, upn: principal.name }
        : { appid: principal.appId, appidacr: '2', idtyp: 'app', app_displayname: principal.name }),
    };
    const unsigned = `${encode({ typ: 'JWT', alg: 'HS256' })}.${encode(claims)}`;
    return `${unsigned}.${this.sign(unsigned)}`;
  }

  /**
   * Who calls, from an Authorization header. Throws the 401 that ARM answers, also where the token is for none of `audiences`; the codes and wording are those
   * of https://github.com/AzureAD/azure-activedirectory-library-for-python/issues/60 and its kin.
   */
  read(
    authorization: string | undefined,
    now: number,
    audiences: readonly string[] = this.audiences(),
  ): { principal: Principal; tokenId: string } {
    if (authorization === undefined) {
      throw this.refusal(
        'AuthenticationFailed',
        "Authentication failed. The 'Authorization' header is missing.",
      );
    }
    const [scheme, token, ...rest] = authorization.split(' ');
    if (scheme?.toLowerCase() !== 'bearer' || token === undefined || rest.length > 0) {
      throw this.refusal(
        'AuthenticationFailedInvalidHeader',
        "Authentication failed. The 'Authorization' header is provided in an invalid format.",
      );
    }
    const claims = this.claimsOf(token);
    const expiry = claims.exp;
    if (typeof expiry !== 'number' || expiry * 1000 <= now) {
      const expired = typeof expiry === 'number' ? new Date(expiry * 1000).toISOString() : 'unknown';
      throw this.refusal(
        'ExpiredAuthenticationToken',
        `The access token expiry UTC time '${expired}' is earlier than current UTC time '${new Date(now).toISOString()}'.`,
      );
    }
    const audience = textAt(claims, 'aud') ?? '';
    if (!audiences.includes(audience)) {
      throw this.refusal(
        'InvalidAuthenticationTokenAudience',
        `The access token has been obtained for wrong audience or resource '${audience}'. It should exactly match with one of the allowed audiences '${audiences.join("','")}'.`,
      );
    }
    this.demandTenant(textAt(claims, 'iss') ?? '');
    return { principal: principalOf(claims), tokenId: textAt(claims, 'uti') ?? '' };
  }

  /** The wording: https://github.com/Azure/LogicAppsUX/issues/9068 and its kin. */
  private demandTenant(issuer: string): void {
    const own = `https://sts.windows.net/${this.tenantId}/`;
    if (issuer === own) return;
    throw this.refusal(
      'InvalidAuthenticationTokenTenant',
      `The access token is from the wrong issuer '${issuer}'. It must match the tenant '${own}' associated with this subscription. Please use the authority (URL) 'https://login.windows.net/${this.tenantId}' to get the token. Note, if the subscription is transferred to another tenant there is no impact to the services, but information about new tenant could take time to propagate (up to an hour). If you just transferred your subscription and see this error message, please try back later.`,
    );
  }

  private claimsOf(token: string): Record<string, unknown> {
    const [header, payload, signature] = token.split('.');
    const expected = this.sign(`${header ?? ''}.${payload ?? ''}`);
    const given = signature ?? '';
    if (given.length === expected.length && timingSafeEqual(Buffer.from(given), Buffer.from(expected))) {
      const claims: unknown = JSON.parse(Buffer.from(payload ?? '', 'base64url').toString('utf8'));
      if (isObject(claims)) return claims;
    }
    throw this.refusal('InvalidAuthenticationToken', 'The access token is invalid.');
  }

  private sign(text: string): string {
    return createHmac('sha256', this.secret).update(text).digest('base64url');
  }

  private refusal(code: string, message: string): ArmFailure {
    const challenge = `Bearer authorization_uri="https://login.microsoftonline.com/${this.tenantId}", error="invalid_token", error_description="${message.replaceAll('"', "'")}"`;
    return new ArmFailure(401, code, message, { 'www-authenticate': challenge });
  }
}

function principalOf(claims: Record<string, unknown>): Principal {
  const objectId = textAt(claims, 'oid') ?? '';
  const upn = textAt(claims, 'upn');
  if (upn !== undefined) {
    return {
      kind: 'user',
      objectId,
      name: upn,
      displayName: textAt(claims, 'name') ?? upn,
      ip: null,
    };
  }
  const appId = textAt(claims, 'appid') ?? '';
  return {
    kind: 'managedIdentity',
    objectId,
    appId,
    name: textAt(claims, 'app_displayname') ?? appId,
    ip: null,
  };
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
