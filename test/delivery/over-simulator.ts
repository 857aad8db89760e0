import { inspect } from 'node:util';
import { createDefaultHttpClient, type HttpClient } from '@azure/core-rest-pipeline';
import type { TokenCredential } from '@azure/identity';
import { expect } from 'vitest';
import { startSimulator, type Simulator } from '../../simulator/simulator.js';
import { DeliveryError } from '../../src/delivery/target.js';

/** A running simulator, and what an app that is somebody there hands to a target. */
export interface OverSimulator {
  readonly simulator: Simulator;
  readonly http: HttpClient;
  readonly credential: TokenCredential;
  /** What tokens were asked for, in order. */
  readonly scopes: string[];
  /** The tokens that were given. */
  readonly tokens: string[];
}

export async function overSimulator(): Promise<OverSimulator> {
  const simulator = await startSimulator();
  const real = createDefaultHttpClient();
  const scopes: string[] = [];
  const tokens: string[] = [];
  return {
    simulator,
    scopes,
    tokens,
    http: {
      sendRequest(request) {
        request.tlsSettings = { ca: simulator.certificate };
        return real.sendRequest(request);
      },
    },
    credential: {
      getToken(asked) {
        const scope = [asked].flat().join(' ');
        const token = simulator.azure.tokenFor('holdfast', scope.replace(/\/\.default$/, ''));
        scopes.push(scope);
        tokens.push(token);
        return Promise.resolve({ token, expiresOnTimestamp: Date.now() + 3_600_000 });
      },
    },
  };
}

export const NEVER = new AbortController().signal;

/** How a delivery fails; fails the test where it does not, or with anything but a `DeliveryError` without a cause. */
export async function failureOf(delivering: Promise<void>): Promise<DeliveryError> {
  try {
    await delivering;
  } catch (error) {
    if (!(error instanceof DeliveryError)) throw error;
    expect(error.cause).toBeUndefined();
    return error;
  }
  throw new Error('It was delivered.');
}

/** Neither what is printed of an error nor what is made of it as JSON has any of these texts. */
export function expectNothingOf(error: Error, secrets: readonly string[]): void {
  const told = `${inspect(error, { depth: 20, showHidden: true })} ${JSON.stringify(error)} ${String(error.stack)}`;
  for (const secret of secrets) expect(told).not.toContain(secret);
}
