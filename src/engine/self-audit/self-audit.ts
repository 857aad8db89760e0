import { ArmError } from '../arm-error.js';
import type { EngineDeps } from '../engine-deps.js';
import { unreadable } from './alarms.js';
import { compareWindow, type Compared } from './compare-window.js';
import { knownOwnIds, NobodyError } from './own-ids.js';
import type { Alarm, AuditProgress } from './ports.js';
import { firstProgress, isFarBehind, nextWindow, type Pass } from './windows.js';

export type SelfAuditDeps = Pick<
  EngineDeps,
  'activityLog' | 'alarms' | 'audit' | 'leases' | 'now' | 'ownIdentity' | 'policy' | 'selfAudits'
>;

/** What became of one subscription: `covered` where another instance is at it. */
export type SelfAudited = { readonly subscriptionId: string } & (
  | { readonly kind: 'compared'; readonly until: Date | null; readonly raised: number }
  | { readonly kind: 'failed'; readonly why: string }
  | { readonly kind: 'covered' }
);

/** After this no further stretch of time is begun; the next run goes on. */
const BUDGET_MS = 8 * 60_000;
/** Azure shows no event that old, so none can lead to an alarm again. */
const FORGET_AFTER_MS = 100 * 86_400_000;
const TOO_SLOW =
  'a run ended before all was compared, and the next one goes on. Where this stays, have an installation watch fewer subscriptions.';
const LOG_FAILED = 'the comparison failed; the function app has the error in its log.';

/**
 * Compares what Holdfast's identity did in Azure with what Holdfast has recorded, both ways, from where the last
 * comparison ended. What cannot be compared now stays to be compared.
 */
export async function selfAudit(deps: SelfAuditDeps, signal: AbortSignal): Promise<readonly SelfAudited[]> {
  const endsAt = new Date(deps.now().getTime() + BUDGET_MS);
  const subscriptions = [...new Set(deps.policy.scopes.map(({ subscriptionId }) => subscriptionId))];
  const audited: SelfAudited[] = [];
  const last = await deps.selfAudits.lastBegun();
  for (const subscriptionId of inTurn(subscriptions, last?.subscriptionId ?? null)) {
    if (deps.now() >= endsAt) break;
    await deps.selfAudits.noteBegun({ subscriptionId, at: deps.now() });
    audited.push(await auditSubscription(deps, subscriptionId, endsAt, signal));
  }
  const old = new Date(deps.now().getTime() - FORGET_AFTER_MS);
  await deps.selfAudits.forgetRepeatedBefore(old);
  return audited;
}

/** From the one after that which was begun last: one that takes all the time keeps the others waiting for a run, not for ever. */
export function inTurn(subscriptions: readonly string[], last: string | null): readonly string[] {
  const next = last === null ? 0 : subscriptions.indexOf(last) + 1;
  return [...subscriptions.slice(next), ...subscriptions.slice(0, next)];
}

async function auditSubscription(
  deps: SelfAuditDeps,
  subscriptionId: string,
  endsAt: Date,
  signal: AbortSignal,
): Promise<SelfAudited> {
  try {
    const held = await deps.leases.whileHeld(`self-audit-${subscriptionId}`, (lease) =>
      auditHeld(deps, subscriptionId, endsAt, AbortSignal.any([signal, lease])),
    );
    return held.kind === 'busy' ? { subscriptionId, kind: 'covered' } : held.value;
  } catch (error) {
    return { subscriptionId, kind: 'failed', why: error instanceof Error ? error.message : String(error) };
  }
}

async function auditHeld(
  deps: SelfAuditDeps,
  subscriptionId: string,
  endsAt: Date,
  signal: AbortSignal,
): Promise<SelfAudited> {
  const known = await deps.selfAudits.alarms(subscriptionId);
  const raise = createRaise(deps, known);
  let progress = await begunProgress(deps, subscriptionId);
  let raised = 0;
  try {
    const compared = { subscriptionId, own: await knownOwnIds(deps), signal };
    for (const pass of ['soon', 'settled'] as const) {
      const step = oneWindow(deps, compared, pass);
      for (let next = await step(progress); next !== null; next = await step(progress)) {
        for (const alarm of next.alarms) if (await raise(alarm)) raised += 1;
        await deps.selfAudits.writeProgress(subscriptionId, next.progress);
        progress = next.progress;
        if (deps.now() < endsAt) continue;
        // Where each run is too short, none fails: nobody would ever know.
        if (isFarBehind(progress, deps.now())) await raise(unreadable(TOO_SLOW, subscriptionId, deps.now()));
        return { subscriptionId, kind: 'compared', until: progress.comparedUntil, raised };
      }
    }
  } catch (error) {
    const isForbidden = error instanceof ArmError && error.details.kind === 'unauthorized';
    const why = error instanceof ArmError || error instanceof NobodyError ? error.message : LOG_FAILED;
    if (isForbidden || error instanceof NobodyError || isFarBehind(progress, deps.now())) {
      await raise(unreadable(why, subscriptionId, deps.now()));
    }
    throw error;
  }
  await forget(deps, known);
  return { subscriptionId, kind: 'compared', until: progress.comparedUntil, raised };
}

/** How far a subscription has come; noted first where it comes for the first time. */
async function begunProgress(
  { selfAudits, now }: SelfAuditDeps,
  subscriptionId: string,
): Promise<AuditProgress> {
  const stored = await selfAudits.readProgress(subscriptionId);
  const first = firstProgress(now());
  const progress = {
    comparedUntil: stored.comparedUntil ?? first.comparedUntil,
    settledUntil: stored.settledUntil ?? first.settledUntil,
  };
  const isBegun = stored.comparedUntil !== null && stored.settledUntil !== null;
  if (!isBegun) await selfAudits.writeProgress(subscriptionId, progress);
  return progress;
}

/** Compares the next stretch of time; null where there is none. */
function oneWindow(deps: SelfAuditDeps, compared: Compared, pass: Pass) {
  const name = pass === 'soon' ? 'comparedUntil' : 'settledUntil';
  // What passes meanwhile is for the next run: this one would never end.
  const now = deps.now();
  return async (
    progress: AuditProgress,
  ): Promise<{ readonly alarms: readonly Alarm[]; readonly progress: AuditProgress } | null> => {
    compared.signal.throwIfAborted();
    const window = nextWindow(progress[name], now, pass);
    if (window === null) return null;
    const alarms = await compareWindow(deps, compared, window, pass);
    return { alarms, progress: { ...progress, [name]: window.to } };
  };
}

/**
 * Says each thing once. The log comes before the store: a crash in between says it twice, the other way round it would
 * never have been said.
 */
function createRaise({ alarms, selfAudits }: SelfAuditDeps, known: readonly Alarm[]) {
  const ids = new Set(known.map(({ id }) => id));
  return async (alarm: Alarm): Promise<boolean> => {
    if (ids.has(alarm.id)) return false;
    ids.add(alarm.id);
    alarms.raise(alarm);
    await selfAudits.add(alarm);
    return true;
  };
}

/** What stands no more: that the log cannot be read, and what was accepted so long ago that it cannot come again. */
async function forget({ selfAudits, now }: SelfAuditDeps, known: readonly Alarm[]): Promise<void> {
  const old = new Date(now().getTime() - FORGET_AFTER_MS).toISOString();
  for (const alarm of known) {
    const isOver = alarm.kind === 'unreadable' || (alarm.accepted !== null && alarm.since < old);
    if (isOver) await selfAudits.remove(alarm);
  }
}
