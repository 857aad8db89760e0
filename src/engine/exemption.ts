import { getIgnoringCase, type JsonObject } from '../types/json.js';
import { REMEDIATOR_IDS, type RemediatorId } from '../types/remediator-id.js';
import type { Finding } from '../remediators/remediator.js';

export interface Exemption {
  readonly remediators: ReadonlySet<RemediatorId>;
  /** Why a tag that is there exempts nothing; null where there is none or it is good. */
  readonly finding: Finding | null;
}

export const EXEMPT_TAG = 'holdfast-exempt';
const LONGEST_DAYS = 90;
const DAY_MS = 86_400_000;
const FORM = `${EXEMPT_TAG} must read "remediator ids or *, comma-separated; until=YYYY-MM-DD", at most ${LONGEST_DAYS} days ahead`;

/**
 * What a resource's tags exempt it from, today. A tag without a readable date, or with one too far ahead, exempts
 * nothing and is a finding: whoever may write tags could otherwise switch the guard off. Tag names do not differ
 * by case (https://learn.microsoft.com/azure/azure-resource-manager/management/tag-resources).
 */
export function exemptionOf(document: JsonObject, lasting: ReadonlySet<RemediatorId>, now: Date): Exemption {
  const tag = getIgnoringCase(document.tags, EXEMPT_TAG);
  if (typeof tag !== 'string') return { remediators: lasting, finding: null };
  const read = readTag(tag, now);
  if (typeof read === 'string') return { remediators: lasting, finding: invalidTag(read) };
  return { remediators: new Set([...lasting, ...read]), finding: null };
}

/** The remediators a tag names, or why it names none. A tag that has run out names none and is no finding. */
function readTag(tag: string, now: Date): readonly RemediatorId[] | string {
  const [names = '', until, ...rest] = tag.split(';').map((part) => part.trim());
  const date = /^until\s*=\s*(\d{4}-\d{2}-\d{2})$/.exec(until ?? '')?.[1];
  if (date === undefined || rest.length > 0) return 'it has no readable date';
  const lastDay = Date.parse(`${date}T00:00:00Z`);
  // Date.parse takes 2026-02-31 for March.
  if (Number.isNaN(lastDay) || new Date(lastDay).toISOString().slice(0, 10) !== date)
    return 'its date does not exist';
  const today = Math.floor(now.getTime() / DAY_MS) * DAY_MS;
  if (lastDay > today + LONGEST_DAYS * DAY_MS) return `its date is more than ${LONGEST_DAYS} days ahead`;
  const ids = names.split(',').map((name) => name.trim());
  const unknown = ids.filter((id) => id !== '*' && !isRemediatorId(id));
  if (unknown.length > 0) return 'it names something that is not a remediator';
  if (lastDay < today) return [];
  return ids.includes('*') ? REMEDIATOR_IDS : ids.filter(isRemediatorId);
}

function isRemediatorId(id: string): id is RemediatorId {
  return (REMEDIATOR_IDS as readonly string[]).includes(id);
}

function invalidTag(why: string): Finding {
  return {
    severity: 'medium',
    reason: `The tag ${EXEMPT_TAG} exempts nothing: ${why}.`,
    step: `${FORM}; a lasting exemption belongs in HOLDFAST_EXEMPT.`,
  };
}
