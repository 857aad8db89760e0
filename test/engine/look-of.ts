import type { Look } from '../../src/engine/look/look.js';
import type { ResourceId } from '../../src/types/resource-id.js';

/** A look that an event has caused, at all that there is to look at in a resource; otherwise as `more` says. */
export function lookOf(id: ResourceId, more: Partial<Look> = {}): Look {
  return {
    id,
    trigger: 'event',
    correlationId: 'c',
    actor: null,
    remediators: null,
    askedForByName: false,
    dryRun: false,
    causedAt: null,
    ...more,
  };
}
