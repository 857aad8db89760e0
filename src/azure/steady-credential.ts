import type { AccessToken, TokenCredential } from '@azure/identity';

/**
 * A credential that, where it gets no new token, gives the last one as long as that one holds. The SDK's pipelines
 * begin to renew a token two minutes before its end and await it with nobody: when the identity endpoint is down for
 * so long, that ends the process (`tokenCycler` of `@azure/core-rest-pipeline` 1.25: an unhandled rejection).
 */
export function steadyCredential(credential: TokenCredential): TokenCredential {
  const kept = new Map<string, AccessToken>();
  return {
    async getToken(scopes, options) {
      const key = JSON.stringify([scopes, options?.tenantId, options?.claims]);
      try {
        const token = await credential.getToken(scopes, options);
        if (token !== null) kept.set(key, token);
        return token;
      } catch (error) {
        const last = kept.get(key);
        if (last === undefined || last.expiresOnTimestamp <= Date.now()) throw error;
        return last;
      }
    },
  };
}
