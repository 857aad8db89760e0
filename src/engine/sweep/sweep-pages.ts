import { ArmError } from '../arm-error.js';
import { hashOfKey } from '../hashed-key.js';
import { inBatches } from '../in-batches.js';
import { pagesAhead, type AskedPage } from './pages-ahead.js';
import type { ListedPage, ListedResource, ListPages } from '../ports/arm.js';
import type { Scope } from '../../types/scope.js';
import { fingerprintOf } from './sweep-fingerprint.js';
import {
  advance,
  checkpoint,
  isCheckpointDue,
  isOutOfTime,
  noteProblem,
  type PhaseEnd,
  type SweepRun,
} from './sweep-run.js';
import type { EntryAt, EntryKind } from './sweep-snapshot.js';

/** Considers a resource; until when it need not be considered again as it looks now, null where it has to be. */
export type Consider = (listed: ListedResource, askedAt: Date) => Promise<Date | null>;

export interface PagesToSweep {
  readonly kind: EntryKind;
  readonly list: ListPages;
  /** What the resources depend on beside what is listed and what is remembered of them. */
  readonly surroundings: string;
  readonly consider: Consider;
  /** A scope whose list cannot be read does not keep the others from it. */
  readonly onGap?: (scope: Scope) => Promise<void>;
}

/** Goes through the lists of the subscription's scopes, page by page, from where the sweep stands. */
export async function sweepPages(run: SweepRun, pages: PagesToSweep): Promise<PhaseEnd> {
  for (;;) {
    const scope = run.scopes[run.progress.scope];
    if (scope === undefined) return 'done';
    try {
      for await (const page of pagesAhead(pagesFrom(run, pages.list, scope), run.deps.now)) {
        await sweepPage(run, pages, page);
        if (page.isByGroup === true) advance(run, { byGroup: true });
        if (page.next === null) continue;
        advance(run, { link: page.next });
        if (isOutOfTime(run)) return 'out-of-time';
        if (isCheckpointDue(run)) await checkpoint(run);
      }
    } catch (error) {
      run.signal.throwIfAborted();
      if (!(error instanceof ArmError)) throw error;
      noteProblem(run, error.message);
      await pages.onGap?.(scope);
    }
    advance(run, { scope: run.progress.scope + 1, link: null });
    if (isOutOfTime(run)) return 'out-of-time';
  }
}

/** The list from where the sweep stands; from its beginning where Azure does not know that place any more. */
async function* pagesFrom(run: SweepRun, list: ListPages, scope: Scope): AsyncGenerator<ListedPage> {
  const { link } = run.progress;
  if (link === null) {
    yield* list(scope, run.signal);
    return;
  }
  let isRefused = true;
  try {
    for await (const page of list(scope, run.signal, link)) {
      isRefused = false;
      yield page;
    }
  } catch (error) {
    const mayBePlace = error instanceof ArmError && ['rejected', 'not-found'].includes(error.details.kind);
    if (!isRefused || !mayBePlace) throw error;
    yield* list(scope, run.signal);
  }
}

async function sweepPage(run: SweepRun, pages: PagesToSweep, { items, askedAt }: AskedPage): Promise<void> {
  const { snapshot, deps } = run;
  const due = items.flatMap((listed) => {
    const hash = hashOfKey(listed.id.key);
    const fingerprint = fingerprintOf(deps, listed, pages.surroundings);
    const at = snapshot.entry(hash, pages.kind);
    snapshot.see(at, pages.kind);
    const isSettled = fingerprint !== null && snapshot.isSettled(at, fingerprint, deps.now());
    return isSettled ? [] : [{ listed, hash, fingerprint }];
  });
  await inBatches(due, async ({ listed, hash, fingerprint }) => {
    const until = await considerSafely(run, () => pages.consider(listed, askedAt), listed);
    const at = snapshot.entry(hash, pages.kind);
    remember(run, at, fingerprint, until);
  });
}

/** Passed over next time only where nobody may be writing what is remembered of it. */
export function remember(
  { snapshot }: SweepRun,
  at: EntryAt,
  fingerprint: Buffer | null,
  until: Date | null,
): void {
  if (fingerprint === null || until === null || snapshot.isMarked(at, 'young')) snapshot.unsettle(at);
  else snapshot.settle(at, fingerprint, until);
}

/** What is wrong with one resource does not keep the sweep from the others. */
export async function considerSafely(
  run: SweepRun,
  consider: () => Promise<Date | null>,
  { id }: Pick<ListedResource, 'id'>,
): Promise<Date | null> {
  run.signal.throwIfAborted();
  try {
    return await consider();
  } catch (error) {
    run.signal.throwIfAborted();
    noteProblem(run, `${id.id}: ${error instanceof Error ? error.message : 'an unknown failure'}`);
    return null;
  }
}
