import { z } from 'zod';
import type { TeamsWebhook } from '../types/teams-webhook.js';

/**
 * The URL is itself the permission to post, so no message may quote it. Where App Service cannot resolve a Key Vault
 * reference, the setting holds the reference
 * (https://learn.microsoft.com/azure/app-service/app-service-key-vault-references): that may pass, and must not stop all
 * else.
 */
export const teamsWebhook = z
  .string()
  .transform((text, context): TeamsWebhook => {
    if (/^@Microsoft\.(?:KeyVault|AppSettings)\(/i.test(text)) return { kind: 'unresolved' };
    const url = URL.canParse(text) ? new URL(text) : null;
    if (url?.protocol === 'https:' && url.username === '') return { kind: 'url', url: url.href };
    context.addIssue(
      'must be the https URL that the Teams workflow "When a Teams webhook request is received" shows, or a Key Vault reference to it.',
    );
    return z.NEVER;
  })
  .optional();
