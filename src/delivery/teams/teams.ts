import { createHttpHeaders, createPipelineRequest, type HttpClient } from '@azure/core-rest-pipeline';
import { retryAfterMs } from '../../retry-after.js';
import type { TeamsWebhook } from '../../types/teams-webhook.js';
import { refusePage } from '../refuse-page.js';
import { DeliveryError, type DeliveryTarget } from '../target.js';
import type { Links } from './resource-part.js';
import { isTold, teamsMessage } from './teams-message.js';

const TIMEOUT_MS = 30_000;
/** A digest of so many is one card; their records are held in memory at once. */
const MOST_RECORDS = 1000;

/**
 * Posts to a Teams workflow's webhook, one card for each call. A 2xx says that the workflow has begun, not that the card is
 * shown: what goes wrong after that is in the workflow's run history. Nothing is said of a request but its status: the
 * URL is a secret.
 */
export function createTeams(http: HttpClient, webhook: TeamsWebhook, links: Links): DeliveryTarget {
  async function post(url: string, body: string, abortSignal: AbortSignal) {
    const headers = createHttpHeaders({ 'content-type': 'application/json; charset=utf-8' });
    const request = createPipelineRequest({
      url,
      method: 'POST',
      headers,
      body,
      timeout: TIMEOUT_MS,
      abortSignal,
    });
    try {
      return await http.sendRequest(request);
    } catch (error) {
      abortSignal.throwIfAborted();
      throw new DeliveryError(`The Teams webhook cannot be reached${reasonOf(error)}.`, 'transient');
    }
  }

  return {
    name: 'teams',
    batch: MOST_RECORDS,
    async deliver(records, signal, more = 0) {
      if (webhook.kind === 'unresolved') throw new DeliveryError(UNRESOLVED, 'transient');
      const told = records.filter(isTold);
      if (told.length === 0) return;
      const answer = await post(webhook.url, JSON.stringify(teamsMessage(told, links, more)), signal);
      refusePage('The Teams webhook', answer);
      const { status, headers } = answer;
      if (status >= 200 && status < 300) return;
      // All but the size is the workflow's fault, and can be mended: one that is off or deleted answers 400.
      const kind = status === 413 ? 'rejected' : 'transient';
      throw new DeliveryError(
        `The Teams webhook answered ${status}${HINTS[status] ?? ''}.`,
        kind,
        retryAfterMs(headers.get('retry-after')),
      );
    },
  };
}

const UNRESOLVED =
  'HOLDFAST_TEAMS_WEBHOOK is a Key Vault reference that App Service has not resolved: see the status of the app setting.';

const OFF = ': look whether the workflow is on, and whether HOLDFAST_TEAMS_WEBHOOK is its URL';
const HINTS: Readonly<Record<number, string>> = { 400: OFF, 401: OFF, 403: OFF, 404: OFF, 410: OFF };

/** A network error's code alone: its message and its request name the URL. */
function reasonOf(error: unknown): string {
  const code = error instanceof Error ? (error as Error & { readonly code?: unknown }).code : undefined;
  return typeof code === 'string' && /^[A-Z][A-Z0-9_]{0,40}$/.test(code) ? ` (${code})` : '';
}
