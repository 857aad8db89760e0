import type { LaptopSettings } from '../../settings/settings.js';
import { parseResourceId } from '../../types/resource-id.js';
import type { Scope } from '../../types/scope.js';
import type { OnlineOptions } from './options.js';
import { openState, stateDirectory, type OpenState } from './open-state.js';
import { readCommandSettings, saidScopes } from './read-settings.js';
import { signIn, type SignedIn } from './sign-in.js';

/** What every command that talks to Azure begins with. */
export interface Session {
  readonly settings: LaptopSettings;
  readonly signedIn: SignedIn;
  /** The same with a resource's own subscription in scope, where nothing said what is. */
  readonly settingsFor: (resourceId: string) => LaptopSettings;
  readonly openState: (access: 'read' | 'write') => OpenState;
}

/** `mode` is what HOLDFAST_REMEDIATORS says nothing of; `inScope` a resource that is asked for by name. Throws {@link CommandError}. */
export async function startSession(
  options: OnlineOptions,
  mode: 'audit' | 'enforce',
  inScope: string | null = null,
): Promise<Session> {
  const environment = { ...process.env, HOLDFAST_MODE: mode };
  const settings = await readCommandSettings(options, environment, inScope);
  const signedIn = await signIn(settings.armEndpoint, options.tenant);
  const directory = stateDirectory(options.state, environment);
  return {
    settings,
    signedIn,
    settingsFor: (resourceId) =>
      saidScopes(options, environment) === null ? { ...settings, scopes: [scopeOf(resourceId)] } : settings,
    openState: (access) => openState(access, settings.storage, directory, signedIn.credential),
  };
}

function scopeOf(resourceId: string): Scope {
  return { subscriptionId: parseResourceId(resourceId).subscriptionId, resourceGroup: null };
}
