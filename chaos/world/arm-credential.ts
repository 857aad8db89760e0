import type { AccessToken, TokenCredential } from '@azure/identity';
import type { Azure } from '../../simulator/azure.js';
import type { Principal } from '../../simulator/principal.js';
import type { VirtualTime } from '../virtual/virtual-time.js';
import type { Instance } from './instance.js';

/** How long a managed identity's token lasts, in the simulator's `tokenFor`. */
const LIFETIME_MS = 3_600_000;

/** The app's identity, with a token of its own for each instance, kept as long as `ManagedIdentityCredential` keeps it. */
export function armCredential(
  azure: Azure,
  principal: Principal,
  instance: Instance,
  time: VirtualTime,
  isDown: () => boolean,
): TokenCredential {
  let kept: AccessToken | null = null;
  return {
    getToken: async () => {
      if (kept !== null && kept.expiresOnTimestamp - 300_000 > time.now()) return kept;
      kept = await instance.gate('GET token', async () => {
        await time.sleep(3);
        if (isDown()) throw unavailable();
        return { token: azure.tokenFor(principal), expiresOnTimestamp: time.now() + LIFETIME_MS };
      });
      return kept;
    },
  };
}

function unavailable(): Error {
  return Object.assign(new Error('ManagedIdentityCredential: the identity endpoint did not answer.'), {
    name: 'CredentialUnavailableError',
  });
}
