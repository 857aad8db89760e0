import type { Clock } from '../clock.js';
import type { Application } from '../principal.js';
import type { Random } from '../random.js';
import type { Tokens } from './token.js';

/** What a request to the identity endpoint comes down to. */
export interface IdentityRequest {
  readonly method: string;
  readonly query: URLSearchParams;
  /** The value of X-IDENTITY-HEADER. */
  readonly header: string | undefined;
}

export interface IdentityAnswer {
  readonly status: number;
  readonly body: string;
}

export interface ManagedIdentityOptions {
  /** The identity the app runs as. */
  readonly principal: Application;
  readonly header: string;
  readonly tokenLifetimeSeconds: number;
}

/**
 * The managed-identity endpoint of App Service, api-version 2019-08-01. It gives a token for any resource that is
 * a URL: that ARM takes only its own is ARM's business.
 * https://learn.microsoft.com/azure/app-service/overview-managed-identity#rest-endpoint-reference
 */
export class ManagedIdentity {
  constructor(
    readonly options: ManagedIdentityOptions,
    private readonly tokens: Tokens,
    private readonly clock: Clock,
    private readonly random: Random,
    /** The identities of the deployed app that has a header; undefined where it is nobody's. */
    private readonly identitiesWith: (header: string) => readonly Application[] | undefined = () => undefined,
  ) {}

  answer(request: IdentityRequest): IdentityAnswer {
    if (request.method !== 'GET') return this.refusal(405, 'The method is not supported.');
    const identities = this.identitiesOf(request.header);
    if (identities === undefined) {
      return this.refusal(401, 'The X-IDENTITY-HEADER is missing or wrong.');
    }
    if (request.query.get('api-version') !== '2019-08-01') {
      return this.refusal(400, 'Unsupported api-version.');
    }
    const resource = request.query.get('resource') ?? '';
    if (!URL.canParse(resource)) return this.refusal(400, 'The resource is missing or invalid.');
    const { tokenLifetimeSeconds } = this.options;
    const principal = identities.find((identity) => isAskedFor(identity, request.query));
    if (principal === undefined) {
      // The wording: https://github.com/AzureAD/microsoft-authentication-library-for-java (its end to end tests).
      return this.refusal(
        400,
        'No User Assigned or Delegated Managed Identity found for specified ClientId/ResourceId/PrincipalId.',
      );
    }
    const issuedAt = Math.floor(this.clock.now() / 1000);
    return {
      status: 200,
      body: JSON.stringify({
        access_token: this.tokens.issue(
          principal,
          resource,
          issuedAt,
          tokenLifetimeSeconds,
          this.random.guid(),
        ),
        expires_on: String(issuedAt + tokenLifetimeSeconds),
        resource,
        token_type: 'Bearer',
        client_id: principal.appId.toUpperCase(),
      }),
    };
  }

  /** Whose header it is: the app's own, or that of a deployed one, which has user-assigned identities alone. */
  private identitiesOf(header: string | undefined): readonly Application[] | undefined {
    if (header === undefined) return undefined;
    return header === this.options.header ? [this.options.principal] : this.identitiesWith(header);
  }

  private refusal(statusCode: number, message: string): IdentityAnswer {
    return {
      status: statusCode,
      body: JSON.stringify({ statusCode, message, correlationId: this.random.guid() }),
    };
  }
}

/** No id asks for the identity that is there; an id must be its own. */
function isAskedFor(principal: Application, query: URLSearchParams): boolean {
  const asked = query.get('client_id') ?? query.get('clientid');
  const object = query.get('principal_id') ?? query.get('object_id');
  if (query.get('mi_res_id') !== null) return false;
  if (asked !== null) return asked.toLowerCase() === principal.appId;
  return object === null || object.toLowerCase() === principal.objectId;
}
