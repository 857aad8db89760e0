import type { Check, HealthDeps } from './check.js';

/** Whether a token for ARM can be had. */
export async function checkIdentity({ ownIdentity }: Pick<HealthDeps, 'ownIdentity'>): Promise<Check> {
  try {
    const ids = [...(await ownIdentity())];
    const known = ids.length === 0 ? '' : ` ARM knows the app as ${ids.join(', ')}.`;
    return { name: 'identity', status: 'healthy', detail: `There is a token for ARM.${known}` };
  } catch {
    // What the SDK says quotes the identity endpoint's answer.
    return { name: 'identity', status: 'unhealthy', detail: NO_TOKEN };
  }
}

const NO_TOKEN =
  'The identity gets no token for ARM: switch on the system-assigned identity of the function app, or set AZURE_CLIENT_ID to the client id of a user-assigned one that it has.';
