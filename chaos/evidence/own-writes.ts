import type { JournalledChange } from '../../simulator/journal.js';
import type { Json } from '../../src/types/json.js';
import type { AuditRecord } from '../../src/types/record.js';
import { ofResource } from './of-resource.js';
import { HOLDFAST } from '../world/holdfast.js';
import type { Evidence } from './evidence.js';
import type { Exchange } from '../world/wire.js';
import { differencesBetween, type Difference } from './json-diff.js';
import { storedRecords } from './stored-records.js';
import { takenUpBy } from './taken-up.js';

/** One change that Holdfast made in Azure, with all that is known of it from outside. */
export interface OwnWrite {
  readonly change: JournalledChange;
  readonly writeId: string;
  readonly before: Json;
  readonly after: Json;
  readonly differences: readonly Difference[];
  /** The request as the instance sent it. */
  readonly exchange: Exchange | null;
  /** The last answer to a GET of the resource that the same instance had before it sent the write. */
  readonly read: { readonly document: Json; readonly exchange: Exchange } | null;
  /** When the look that it belongs to began: its first read of the resource since the instance wrote it last. */
  readonly lookedFrom: number;
  /** The records that name it, with the edits at their places in this very resource. */
  readonly records: readonly AuditRecord[];
  /** The version of a workflow that it takes up again, because an earlier write went over it; null where it does not. */
  readonly takenUp: Json;
}

/** A look does not take longer than this. */
const LONGEST_LOOK_MS = 60_000;

export function ownWrites(world: Evidence): readonly OwnWrite[] {
  const records = Map.groupBy(storedRecords(world.storage), ({ writeId }) => writeId);
  return world.azure.journal.changes({ principal: HOLDFAST.objectId }).map((change): OwnWrite => {
    const writeId = change.clientRequestId ?? '';
    const before = parsed(change.before);
    const after = parsed(change.after);
    const exchange = exchangeOf(world.wire, writeId, change);
    const reads = exchange === null ? [] : readsBefore(world.wire, exchange, change.resourceId);
    const last = reads.at(-1) ?? null;
    const own = (records.get(writeId) ?? []).map((record) => ofResource(record, change.resourceId));
    return {
      change,
      writeId,
      before,
      after,
      differences: differencesBetween(before, after),
      exchange,
      read: last === null ? null : { document: documentIn(last), exchange: last },
      lookedFrom: reads[0]?.sentAt ?? exchange?.sentAt ?? Date.parse(change.time),
      records: own,
      takenUp: takenUpBy(own, world.azure.journal.changes({ resourceId: change.resourceId })),
    };
  });
}

/** The exchange that brought a change about: the last one of its id that was sent before it. */
function exchangeOf(wire: readonly Exchange[], writeId: string, change: JournalledChange): Exchange | null {
  const sent = wire.filter(
    ({ clientRequestId, sentMark, method }) =>
      clientRequestId === writeId && method !== 'GET' && sentMark < change.sequence,
  );
  return sent.at(-1) ?? null;
}

/** The reads of one look before a write, in their order. */
function readsBefore(wire: readonly Exchange[], write: Exchange, resourceId: string): readonly Exchange[] {
  const path = resourceId.toLowerCase();
  const own = wire.filter(
    (one) =>
      one.instance === write.instance &&
      one.path.toLowerCase().startsWith(path) &&
      one.sentAt >= write.sentAt - LONGEST_LOOK_MS &&
      one.sentAt <= write.sentAt &&
      one !== write,
  );
  const lastWrite = own.findLastIndex(({ method }) => method !== 'GET');
  return own
    .slice(lastWrite + 1)
    .filter(
      ({ path: asked, answer }) =>
        asked.toLowerCase() === path &&
        answer?.kind === 'response' &&
        answer.status === 200 &&
        answer.at <= write.sentAt &&
        isJson(answer.text),
    );
}

export function documentIn({ answer }: Exchange): Json {
  return answer?.kind === 'response' ? parsed(answer.text) : null;
}

export function parsed(text: string | null | undefined): Json {
  return JSON.parse(text ?? 'null') as Json;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Names a difference for people. */
export function describe(difference: Difference): string {
  if (difference.kind === 'value') {
    const [was, is] = [difference.before, difference.after].map((value) =>
      JSON.stringify(value).slice(0, 80),
    );
    return `${difference.path} went from ${was ?? ''} to ${is ?? ''}`;
  }
  return `${JSON.stringify(difference.member).slice(0, 120)} was ${difference.kind} at ${difference.path}`;
}
