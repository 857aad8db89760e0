import type { AccessToken, TokenCredential } from '@azure/identity';
import type { Azure } from '../../simulator/azure.js';
import type { VirtualTime } from '../virtual/virtual-time.js';
import { ARM_URL } from './holdfast.js';
import type { Instance } from './instance.js';

/** A managed identity's token lasts a day, and is renewed after half of it (MSAL, `refresh_in`). */
const RENEW_SHARE = 0.5;

/** The app's identity, with a token of its own for each instance, kept as long as `ManagedIdentityCredential` keeps it. */
export function armCredential(
  azure: Azure,
  instance: Instance,
  time: VirtualTime,
  isDown: () => boolean,
): TokenCredential {
  let kept: AccessToken | null = null;
  return {
    getToken: async () => {
      if (kept !== null && (kept.refreshAfterTimestamp ?? 0) > time.now()) return kept;
      kept = await instance.gate('GET token', async () => {
        await time.sleep(3);
        if (isDown()) throw unavailable();
        return tokenOf(azure, time.now());
      });
      return kept;
    },
  };
}

/** As the identity endpoint gives it. */
function tokenOf({ identity }: Azure, now: number): AccessToken {
  const { header } = identity.options;
  const query = new URLSearchParams({ 'api-version': '2019-08-01', resource: ARM_URL });
  const { body } = identity.answer({ method: 'GET', query, header });
  const { access_token: token, expires_on } = JSON.parse(body) as {
    access_token: string;
    expires_on: string;
  };
  const expiresOnTimestamp = Number(expires_on) * 1000;
  return { token, expiresOnTimestamp, refreshAfterTimestamp: now + (expiresOnTimestamp - now) * RENEW_SHARE };
}

function unavailable(): Error {
  return Object.assign(new Error('ManagedIdentityCredential: the identity endpoint did not answer.'), {
    name: 'CredentialUnavailableError',
  });
}
