import type { RemediatorId } from '../../types/remediator-id.js';
import type { ResourceId } from '../../types/resource-id.js';
import { EXEMPT_TAG } from '../exemption.js';
import { exempting, type Exempting } from '../exempting.js';
import type { ArmUrl } from '../ports/arm.js';

/** How Holdfast is kept from making the same change again; the command is to be run before those that undo. */
export interface HoldOff extends Exempting {
  readonly note: string;
}

const DAYS = 7;

export function holdOff(id: ResourceId, remediator: RemediatorId, armUrl: ArmUrl, now: Date): HoldOff {
  return {
    ...exempting(id, [remediator], DAYS, armUrl, now),
    note: `Run this first: without it Holdfast makes the same change again within seconds. The date may be up to 90 days ahead. It takes the place of a tag ${EXEMPT_TAG} that is there: name what that one names, too. When the tag has run out or is taken off, the change is made again; a lasting exemption belongs in HOLDFAST_EXEMPT.`,
  };
}
