import { abortable } from '../engine/abortable.js';
import { inBatches } from '../engine/in-batches.js';
import { DamagedRowError, NewerVersionError } from '../engine/ports/stored.js';
import type { AuditLog } from '../engine/ports/audit-log.js';
import type { AuditRecord } from '../types/record.js';
import type { Call } from './calls.js';
import { judgeEntry, type Judgement } from './judge-entry.js';
import type { Outbox, OutboxEntry, Told } from './outbox.js';
import { DeliveryError, type DeliveryTarget } from './target.js';

/** What one call to a target needs. */
export interface CallDeps {
  readonly outbox: Outbox;
  readonly audit: Pick<AuditLog, 'find'>;
  readonly now: () => Date;
  /** Tells whoever reads the function's log. */
  readonly tell: (what: Readonly<Record<string, unknown>>) => void;
}

/** What a call came to. */
export interface CallResult {
  /** How many entries are not in the outbox any more, or were put anew. */
  readonly done: number;
  /** When it is worth to look again at what was left, in milliseconds since 1970; null: it is put anew. */
  readonly nextAt: number | null;
}

interface Ready {
  readonly entry: OutboxEntry;
  readonly record: AuditRecord;
  readonly digest: string;
  /** What is to be noted of it once it was told, over the mark of this etag (null: there is none); else undefined. */
  readonly mark: string | null | undefined;
}

/** A target that does not answer for so long has failed, whatever it is waiting for. */
const CALL_MS = 90_000;

/** Delivers those of these entries that can be, in one call. Throws `DeliveryError` where the target is to be left alone. */
export async function sendCall(
  deps: CallDeps,
  target: DeliveryTarget,
  { entries, more }: Call,
  signal: AbortSignal,
): Promise<CallResult> {
  const ready: Ready[] = [];
  const waits: number[] = [];
  let done = 0;
  await inBatches(entries, async (entry) => {
    const judgement = await judge(deps, entry);
    if (judgement.kind === 'wait') {
      if (judgement.until !== null) waits.push(judgement.until);
      return;
    }
    done += 1;
    if (judgement.kind === 'drop') return deps.outbox.remove(entry);
    const { record, digest } = judgement;
    const told = mayComeAgain(record) ? await deps.outbox.told(entry) : null;
    // A refusal that was put back as it was says nothing new.
    if (told?.digest === digest) return deps.outbox.remove(entry);
    const mark = mayComeAgain(record) ? await forgetTold(deps.outbox, entry, told) : undefined;
    ready.push({ entry, record, digest, mark });
  });
  const inOrder = ready.toSorted((a, b) => (a.entry.key < b.entry.key ? -1 : 1));
  await send(deps, target, { ready: inOrder, more }, signal);
  return { done, nextAt: waits.length === 0 ? null : Math.min(...waits) };
}

/** A record that cannot be read keeps none of the others back. */
async function judge(deps: CallDeps, entry: OutboxEntry): Promise<Judgement> {
  try {
    return judgeEntry(entry, await deps.audit.find(entry.recordId), deps.now().getTime());
  } catch (error) {
    if (!(error instanceof NewerVersionError) && !(error instanceof DamagedRowError)) throw error;
    deps.tell({ unreadable: entry.recordId, target: entry.target, error: error.message });
    return { kind: 'wait', until: null };
  }
}

/** Delivers all of these, or, where the target will not take them together, as many as it takes. */
async function send(
  deps: CallDeps,
  target: DeliveryTarget,
  { ready, more }: { readonly ready: readonly Ready[]; readonly more: number },
  signal: AbortSignal,
): Promise<void> {
  if (ready.length === 0) return;
  const records = ready.map(({ record }) => record);
  const refusal = await refusalOf(deliverWithin(target, { records, more }, signal));
  if (refusal === null) return noteDelivered(deps, target, ready);
  if (refusal.refused === null && ready.length > 1) {
    const half = Math.ceil(ready.length / 2);
    const [earlier, later] = [ready.slice(0, half), ready.slice(half)];
    await send(deps, target, { ready: earlier, more: more + later.length }, signal);
    return send(deps, target, { ready: later, more }, signal);
  }
  // One that was refused alone is to blame itself.
  const refused = new Set(refusal.refused ?? [0]);
  const taken = ready.filter((_, at) => !refused.has(at));
  if (taken.length > 0) await noteDelivered(deps, target, taken);
  for (const { entry, record } of ready.filter((_, at) => refused.has(at))) {
    await deps.outbox.setAside(entry, refusal.message);
    deps.tell({ rejected: record.id, target: target.name, error: refusal.message });
  }
}

/** That the target will never take what was delivered; null where it took it. Rejects with whatever else went wrong. */
async function refusalOf(delivered: Promise<void>): Promise<DeliveryError | null> {
  try {
    await delivered;
    return null;
  } catch (error) {
    if (error instanceof DeliveryError && error.kind === 'rejected') return error;
    throw error;
  }
}

async function noteDelivered(
  deps: CallDeps,
  target: DeliveryTarget,
  delivered: readonly Ready[],
): Promise<void> {
  await inBatches(delivered, async ({ entry, digest, mark }) => {
    if (mark !== undefined) await deps.outbox.noteTold(entry, digest, mark);
    await deps.outbox.remove(entry);
  });
  deps.tell({ delivered: delivered.length, target: target.name });
}

/**
 * What Azure would not take is tried again under the same record, and put back as it was where it is refused again
 * (docs/decisions/0004): a target that was told of it is not told anew.
 */
function mayComeAgain({ outcome }: AuditRecord): boolean {
  return outcome === 'refused' || outcome === 'failed';
}

/**
 * While something else is being told, nobody knows what was told last. A mark that somebody else changes meanwhile is
 * left to him.
 */
async function forgetTold(
  outbox: Outbox,
  entry: OutboxEntry,
  told: Told | null,
): Promise<string | null | undefined> {
  if (told === null) return null;
  return (await outbox.noteTold(entry, '', told.etag)) ?? undefined;
}

/** A target that fails in a way it does not know may be tried again; what it said may hold a secret, and is not told. */
async function deliverWithin(
  target: DeliveryTarget,
  { records, more }: { readonly records: readonly AuditRecord[]; readonly more: number },
  signal: AbortSignal,
): Promise<void> {
  const timeout = AbortSignal.timeout(CALL_MS);
  const either = AbortSignal.any([signal, timeout]);
  try {
    await abortable(target.deliver(records, either, more), either);
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (timeout.aborted) throw new DeliveryError(`No answer within ${CALL_MS / 1000} s.`, 'transient');
    if (error instanceof DeliveryError) throw error;
    const name = error instanceof Error ? error.name : typeof error;
    throw new DeliveryError(`It failed with a ${name}.`, 'transient');
  }
}
