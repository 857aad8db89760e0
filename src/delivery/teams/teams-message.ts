import type { AuditRecord } from '../../types/record.js';
import type { CardElement, Container } from './card-elements.js';
import { line, plainRuns } from './plain-text.js';
import {
  BY_HAND,
  isChangedByHand,
  resourcePart,
  TOLD,
  TOLD_OUTCOMES,
  type Detail,
  type Links,
  type ToldRecord,
} from './resource-part.js';

/**
 * What the workflow "When a Teams webhook request is received" takes: a message with cards attached.
 * https://learn.microsoft.com/connectors/teams/#microsoft-teams-webhook
 */
export interface TeamsMessage {
  readonly type: 'message';
  readonly attachments: readonly [
    {
      readonly contentType: 'application/vnd.microsoft.card.adaptive';
      readonly content: {
        readonly $schema: 'http://adaptivecards.io/schemas/adaptive-card.json';
        readonly type: 'AdaptiveCard';
        readonly version: '1.2';
        readonly msteams: { readonly width: 'Full' };
        readonly body: readonly CardElement[];
      };
    },
  ];
}

/**
 * Teams takes 28 KB (https://learn.microsoft.com/microsoftteams/limits-specifications-teams), and counts the card as a
 * text within its own JSON, with something around it: 24,453 bytes as sent were 28,897
 * (https://github.com/MicrosoftDocs/msteams-docs/issues/11274).
 */
export const MOST_BYTES = 24_000;

/** From much to little; of the first that fits all resources is told, of the last as many as fit. */
const DETAILS: readonly Detail[] = [
  { records: 20, edits: 20, warnings: 10, text: 600 },
  { records: 8, edits: 5, warnings: 3, text: 300 },
  { records: 4, edits: 2, warnings: 1, text: 160 },
  { records: 2, edits: 1, warnings: 0, text: 100 },
];

export function isTold(record: AuditRecord): record is ToldRecord {
  return (TOLD_OUTCOMES as readonly string[]).includes(record.outcome);
}

/** One card about all of these records, the worst first; at least one is given. `more` come in the cards after it. */
export function teamsMessage(records: readonly ToldRecord[], links: Links, more = 0): TeamsMessage {
  const resources = worstFirst(records);
  const head = headOf(records, resources.length, more);
  const last = lastLine(records, links.app);
  for (const detail of DETAILS) {
    const parts = resources.map((group) => resourcePart(group, links, detail));
    const message = messageOf([...head, ...parts, last(0)]);
    if (bytesIn(message) <= MOST_BYTES) return message;
    if (detail === DETAILS.at(-1)) return asManyAsFit(head, parts, last);
  }
  throw new RangeError('No detail is left.');
}

function asManyAsFit(
  head: readonly CardElement[],
  parts: readonly Container[],
  last: (left: number) => CardElement,
): TeamsMessage {
  let bytes = bytesIn(messageOf([...head, last(parts.length)]));
  let count = 0;
  for (const part of parts) {
    bytes += bytesIn(part) + 1;
    if (bytes > MOST_BYTES) break;
    count += 1;
  }
  return messageOf([...head, ...parts.slice(0, count), last(parts.length - count)]);
}

function messageOf(body: readonly CardElement[]): TeamsMessage {
  const content = {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    version: '1.2',
    msteams: { width: 'Full' },
    body,
  } as const;
  return {
    type: 'message',
    attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', content }],
  };
}

/** As a text within JSON, where each character that is not ASCII may take six bytes. */
export function bytesIn(value: unknown): number {
  const text = JSON.stringify(JSON.stringify(value));
  const others = text.match(/[^\x20-\x7e]/g)?.length ?? 0;
  return text.length + 5 * others;
}

/** The records by resource; what went worst comes first. */
function worstFirst(records: readonly ToldRecord[]): readonly (readonly ToldRecord[])[] {
  const groups = new Map<string, ToldRecord[]>();
  for (const record of records) {
    const key = record.resourceId.toLowerCase();
    groups.set(key, [...(groups.get(key) ?? []), record]);
  }
  const rank = ({ outcome }: ToldRecord): number => TOLD_OUTCOMES.indexOf(outcome);
  const rankOf = (group: readonly ToldRecord[]): number => Math.min(...group.map(rank));
  return [...groups.values()]
    .map((group) => group.toSorted((a, b) => rank(a) - rank(b)))
    .toSorted((a, b) => rankOf(a) - rankOf(b));
}

function headOf(records: readonly ToldRecord[], resources: number, more: number): readonly CardElement[] {
  const counts = TOLD_OUTCOMES.flatMap((outcome) => {
    const count = records.filter((record) => record.outcome === outcome).length;
    return count === 0 ? [] : [{ outcome, count }];
  });
  const rest = more === 0 ? [] : [`${more} more ${more === 1 ? 'record' : 'records'} in the next card`];
  const title = runOf(records) === null ? titleOf(records, resources) : `Sweep: ${resourceCount(resources)}`;
  return [
    { type: 'TextBlock', text: `Holdfast: ${title}`, wrap: true, size: 'Large', weight: 'Bolder' },
    line(plainRuns([...counts.map(({ outcome, count }) => `${count} ${outcome}`), ...rest].join(' · '), 200)),
  ];
}

function titleOf(records: readonly ToldRecord[], resources: number): string {
  const titles = new Set(
    records.map((record) => (isChangedByHand(record) ? BY_HAND : TOLD[record.outcome].title)),
  );
  const [title] = titles;
  if (title === undefined || titles.size > 1) return `Changes to ${resourceCount(resources)}`;
  return resources === 1 ? title : `${title}: ${resourceCount(resources)}`;
}

function resourceCount(count: number): string {
  return count === 1 ? '1 resource' : `${count} resources`;
}

/** The correlation id that all records have in common; null where it is no sweep's. */
function runOf(records: readonly ToldRecord[]): string | null {
  const [first] = records;
  const isOne = records.every(
    ({ trigger, correlationId }) => trigger === 'sweep' && correlationId === first?.correlationId,
  );
  return first !== undefined && isOne ? first.correlationId : null;
}

/** Where to read the rest. */
function lastLine(records: readonly ToldRecord[], app: string): (left: number) => CardElement {
  const correlationIds = [...new Set(records.map(({ correlationId }) => correlationId))];
  const [only = ''] = correlationIds;
  const query =
    correlationIds.length === 1 ? `?correlationId=${encodeURIComponent(only.toWellFormed())}` : '';
  return (left) => {
    const rest = left > 0 ? `… and ${resourceCount(left)} more. ` : '';
    return line(plainRuns(`${rest}All of it: GET ${app}/api/audit${query}`, 500, { isSubtle: true }));
  };
}
