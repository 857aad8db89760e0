import type { JsonObject } from '../types/json.js';
import { ArmError } from './arm-error.js';
import type { EngineDeps } from './engine-deps.js';
import type { Look } from './look.js';
import type { LookOptions } from './look-at.js';
import { observeVault } from './observe-vault.js';
import { observeWorkflow } from './observe-workflow.js';
import type { Observed } from './plan-resource.js';
import type { ResourceMemory } from './ports.js';

/** A resource as it was read, and what is remembered of it. */
export interface Seen {
  readonly observed: Observed;
  readonly text: string;
  readonly document: JsonObject;
  readonly memory: ResourceMemory;
}

/** Reads what the remediators of a resource need to decide; null where there is no such resource. */
export async function observe(deps: EngineDeps, look: Look, options: LookOptions): Promise<Seen | null> {
  try {
    return look.id.kind === 'vault'
      ? await observeVault(deps, look, options)
      : await observeWorkflow(deps, look, options.signal);
  } catch (error) {
    if (error instanceof ArmError && error.details.kind === 'not-found') return null;
    throw error;
  }
}
