import type { Azure } from '../azure.js';
import type { FaultAction } from '../faults.js';

/** Where App Service has it. */
export const IDENTITY_PATH = '/msi/token';

export interface IdentityReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Answers a request for a token, with the faults that concern it; null for no answer at all. */
export async function identityRequest(
  azure: Azure,
  method: string,
  query: URLSearchParams,
  headers: Readonly<Record<string, string>>,
): Promise<IdentityReply | null> {
  const entry = azure.noteIdentityRequest(method, IDENTITY_PATH, query);
  const strikes = azure.faults.strike('identity', method, IDENTITY_PATH);
  let reply: IdentityReply | null | undefined;
  for (const { action } of strikes) {
    reply = await suffered(azure, action);
    if (reply !== undefined) break;
  }
  if (reply === undefined) {
    const header = headers['x-identity-header'];
    reply = { headers: {}, ...azure.identity.answer({ method, query, header }) };
    const isCut = strikes.some(({ action }) => action.kind === 'truncate');
    if (isCut) reply = { ...reply, body: reply.body.slice(0, reply.body.length / 2) };
  }
  entry.complete(reply?.status ?? null, strikes.map(({ id }) => id).join(',') || null);
  return reply;
}

/** Undefined where the request goes on. */
async function suffered(azure: Azure, action: FaultAction): Promise<IdentityReply | null | undefined> {
  if (action.kind === 'reset') return null;
  if (action.kind === 'hang') {
    await azure.sleep(Number.MAX_SAFE_INTEGER);
    return null;
  }
  if (action.kind === 'delay') await azure.sleep(action.ms);
  if (action.kind !== 'error') return undefined;
  const { status, message = 'An error occurred.', retryAfter } = action;
  return {
    status,
    headers: retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) },
    body: action.body ?? JSON.stringify({ statusCode: status, message }),
  };
}
