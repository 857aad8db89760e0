import type { RemediatorId } from '../../types/remediator-id.js';
import type { ResourceId } from '../../types/resource-id.js';
import { EXEMPT_TAG } from '../exemption.js';
import type { ArmUrl } from '../ports.js';
import { shellQuoted } from './shell-quoted.js';
import type { UndoCommand } from './undo.js';

/** How Holdfast is kept from making the same change again. */
export interface HoldOff {
  /** The last day, in UTC, on which the tag counts. */
  readonly until: string;
  /** To be run before the commands that undo. */
  readonly command: UndoCommand;
  /** What HOLDFAST_EXEMPT must hold, beside what stands there, where the exemption is to last. */
  readonly setting: string;
  readonly note: string;
}

const DAYS = 7;
const DAY_MS = 86_400_000;

export function holdOff(id: ResourceId, remediator: RemediatorId, armUrl: ArmUrl, now: Date): HoldOff {
  const until = new Date(now.getTime() + DAYS * DAY_MS).toISOString().slice(0, 10);
  const value = `${remediator}; until=${until}`;
  return {
    until,
    command: {
      title: `Hold ${remediator} off this resource until ${until}`,
      az: `az tag update --resource-id ${shellQuoted(id.id)} --operation merge --tags ${shellQuoted(`${EXEMPT_TAG}=${value}`)} --output none`,
      rest: {
        method: 'PATCH',
        url: armUrl(id, { kind: 'tags' }),
        body: { operation: 'Merge', properties: { tags: { [EXEMPT_TAG]: value } } },
        jq: null,
      },
    },
    setting: `${id.id}=${remediator}`,
    note: `Run this first: without it Holdfast makes the same change again within seconds. The date may be up to 90 days ahead. It takes the place of a tag ${EXEMPT_TAG} that is there: name what that one names, too. When the tag has run out or is taken off, the change is made again; a lasting exemption belongs in HOLDFAST_EXEMPT.`,
  };
}
