/**
 * Where Teams takes messages. The URL is a secret: whoever has it can post. `unresolved`: it is a Key Vault reference that
 * App Service has not resolved.
 */
export type TeamsWebhook = { readonly kind: 'url'; readonly url: string } | { readonly kind: 'unresolved' };
