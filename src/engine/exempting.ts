import type { RemediatorId } from '../types/remediator-id.js';
import type { ResourceId } from '../types/resource-id.js';
import { EXEMPT_TAG } from './exemption.js';
import type { ArmUrl } from './ports/arm.js';
import { shellQuoted } from './undo/shell-quoted.js';
import type { UndoCommand } from './undo/undo.js';

/** How a resource is exempted, by whoever may: Holdfast itself exempts nothing. */
export interface Exempting {
  /** The last day, in UTC, on which the tag counts. */
  readonly until: string;
  readonly command: UndoCommand;
  /** What HOLDFAST_EXEMPT must hold, beside what stands there, where the exemption is to last. */
  readonly setting: string;
}

const DAY_MS = 86_400_000;

/** `remediators` null means all; `days` is 1 to 90, as {@link EXEMPT_TAG} takes no later date. */
export function exempting(
  id: ResourceId,
  remediators: readonly RemediatorId[] | null,
  days: number,
  armUrl: ArmUrl,
  now: Date,
): Exempting {
  const until = new Date(now.getTime() + days * DAY_MS).toISOString().slice(0, 10);
  const value = `${remediators?.join(',') ?? '*'}; until=${until}`;
  const whom = remediators?.join(' and ') ?? 'Holdfast';
  return {
    until,
    command: {
      title: `Hold ${whom} off this resource until ${until}`,
      az: `az tag update --resource-id ${shellQuoted(id.id)} --operation merge --tags ${shellQuoted(`${EXEMPT_TAG}=${value}`)} --output none`,
      rest: {
        method: 'PATCH',
        url: armUrl(id, { kind: 'tags' }),
        body: { operation: 'Merge', properties: { tags: { [EXEMPT_TAG]: value } } },
        jq: null,
      },
    },
    setting: remediators === null ? id.id : `${id.id}=${remediators.join('+')}`,
  };
}
