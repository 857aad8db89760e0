import type { HttpClient, PipelineResponse } from '@azure/core-rest-pipeline';
import { isJsonObject, type Json } from '../../types/json.js';
import { CommandError, EXIT } from '../exit-code.js';

/** What of Azure's answers says why a command could not do what it was to do. */
export interface Encounters {
  readonly http: HttpClient;
  /** What stands in the way, in one sentence that says what to do; null where Azure's answers do not say. */
  readonly obstacle: () => CommandError | null;
}

/** The worst first: what keeps everything from working is told before what keeps one thing from it. */
const OBSTACLES = {
  'wrong-tenant': {
    advice:
      'sign in to that tenant with az login --tenant, choose its subscription with az account set, or give --tenant.',
    exitCode: EXIT.denied,
  },
  'not-signed-in': { advice: 'run az login.', exitCode: EXIT.denied },
  'no-network': {
    advice: 'check the network, the proxy (HTTPS_PROXY) and AZURE_RESOURCE_MANAGER_URL.',
    exitCode: EXIT.failed,
  },
  forbidden: {
    advice:
      'you lack a right to do this; the line above or the error names it, and docs/install.md has the role to ask for.',
    exitCode: EXIT.denied,
  },
  throttled: { advice: 'wait a minute, then try again.', exitCode: EXIT.failed },
  down: {
    advice: 'Azure is not well; https://status.azure.com says so, or try again later.',
    exitCode: EXIT.failed,
  },
} as const;
type Kind = keyof typeof OBSTACLES;
const KINDS = Object.keys(OBSTACLES) as readonly Kind[];

/**
 * Watches the answers on their way; what it keeps of them are codes, host names and tenant ids. `onThrottled` is called for
 * each that asks to wait: whoever asked waits, and the person who waits for them should know what for.
 */
export function watching(http: HttpClient, onThrottled?: (host: string) => void): Encounters {
  const met = new Map<Kind, string>();

  return {
    http: {
      async sendRequest(request) {
        const { host } = new URL(request.url);
        try {
          const response = await http.sendRequest(request);
          const kind = kindOf(response.status);
          if (kind !== null) met.set(...encounter(kind, response, host));
          if (kind === 'throttled') onThrottled?.(host);
          return response;
        } catch (error) {
          const code = error instanceof Error && 'code' in error ? String(error.code) : '';
          // Whoever hung up was this program.
          if (isNetworkCode(code)) met.set('no-network', `${host} cannot be reached (${code})`);
          throw error;
        }
      },
    },
    obstacle() {
      for (const kind of KINDS) {
        const what = met.get(kind);
        if (what === undefined) continue;
        const { advice, exitCode } = OBSTACLES[kind];
        return new CommandError(`${what}: ${advice}`, exitCode);
      }
      return null;
    },
  };
}

/** Codes of the operating system (ECONNREFUSED), of the certificate check (DEPTH_ZERO_SELF_SIGNED_CERT) and of the client. */
function isNetworkCode(code: string): boolean {
  if (!/^[A-Z_]{3,60}$/.test(code)) return false;
  return code.startsWith('E') || code.includes('CERT') || code === 'REQUEST_SEND_ERROR';
}

function kindOf(status: number): Kind | null {
  if (status === 401) return 'not-signed-in';
  if (status === 403) return 'forbidden';
  if (status === 429) return 'throttled';
  return status >= 500 ? 'down' : null;
}

function encounter(kind: Kind, { status, bodyAsText }: PipelineResponse, host: string): [Kind, string] {
  const error = errorIn(bodyAsText ?? '');
  const code = isJsonObject(error) && typeof error.code === 'string' ? error.code : '';
  const said = `${host} answered ${status}${/^[A-Za-z.]{1,80}$/.test(code) ? ` ${code}` : ''}`;
  if (code !== 'InvalidAuthenticationTokenTenant' || !isJsonObject(error)) return [kind, said];
  const [had, wanted] = (typeof error.message === 'string' ? error.message : '').match(TENANTS) ?? [];
  const which =
    wanted === undefined
      ? 'you are signed in to another tenant than that of the subscription'
      : `you are signed in to the tenant ${had}, and the subscription is in ${wanted}`;
  return ['wrong-tenant', which];
}

/** The two in ARM's message: the token's, and the subscription's. */
const TENANTS = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi;

function errorIn(body: string): Json | undefined {
  try {
    const answer = JSON.parse(body) as Json;
    return isJsonObject(answer) ? answer.error : undefined;
  } catch {
    return undefined;
  }
}
