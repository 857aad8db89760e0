import type { Azure } from '../../simulator/azure.js';
import type { Settings } from '../../src/settings/settings.js';
import type { StorageState } from '../storage/storage-state.js';
import type { Invocation } from '../world/host.js';
import type { Exchange } from '../world/wire.js';

/** Something that was done or that happened, in the order in which it did: the story of a run. */
export interface Moment {
  readonly at: number;
  readonly what: string;
}

/** The settings that the app had from a moment on. */
export interface Deployment {
  readonly at: number;
  readonly settings: Settings;
}

/** Somebody let a recorded plan be written. */
export interface GivenApproval {
  readonly recordId: string;
  readonly from: number;
  /** When it was answered; null where it never was. */
  until: number | null;
}

/** All that a run leaves behind, seen from outside the app: what it is judged from. */
export interface Evidence {
  readonly azure: Azure;
  /** What is in the storage account. */
  readonly storage: StorageState;
  readonly wire: readonly Exchange[];
  readonly story: readonly Moment[];
  /** Everything that the app gave out: log lines, answers over HTTP, errors. */
  readonly given: readonly string[];
  readonly invocations: readonly Invocation[];
  /** Oldest first; at least one. */
  readonly deployments: readonly Deployment[];
  readonly approvals: readonly GivenApproval[];
  /** Values that must be seen nowhere but in Azure. */
  readonly canaries: readonly string[];
  readonly time: { readonly now: () => number };
}

/** What the app was set to at a moment. */
export function settingsAt({ deployments }: Pick<Evidence, 'deployments'>, at: number): Settings {
  const deployment = deployments.findLast((one) => one.at <= at) ?? deployments[0];
  if (deployment === undefined) throw new Error('The app was never deployed.');
  return deployment.settings;
}
