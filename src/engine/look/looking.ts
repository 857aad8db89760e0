import { randomUUID } from 'node:crypto';
import type { AuditRecord } from '../../types/record.js';
import type { Trail } from '../record/audit-trail.js';
import type { Allowance } from '../budget/change-budget.js';
import { handPlan } from '../by-hand.js';
import type { EngineDeps } from '../engine-deps.js';
import type { LookOptions } from './look-at.js';
import type { LookResult, Obstacle } from './look.js';
import type { Seen } from '../observe/observe.js';
import type { OpenWrite } from '../write/open-write.js';
import { planApproved } from '../plan-approved.js';
import { planTakenUp } from '../lost-save/plan-taken-up.js';
import { planResource, type ResourcePlan } from '../plan-resource.js';
import type { Policy } from '../policy.js';
import { prepareWrite, type PreparedPlan } from '../write/prepare-write.js';
import { reducePlan } from '../write/reduce-plan.js';
import { nameOfTarget, restrictPlan, targetsOf, type WriteTarget } from '../write/write-target.js';

/** One look under way: what it has come to so far. */
export interface Looking {
  readonly deps: EngineDeps;
  /** Renewed with each write, because each has an id of its own. */
  trail: Trail;
  options: LookOptions;
  /** The resource as it was read last. */
  seen: Seen;
  /** The latest event of the resource when that reading began. */
  readAfter: number;
  /** A write that was sent and whose outcome is not known, or that Azure turned down for now. */
  open: OpenWrite | null;
  /** What that write is made to. */
  target: WriteTarget | null;
  /** The records of what was tried and not carried out, each with its outcome. */
  readonly closed: AuditRecord[];
  /** The records of the writes that are over, as they stand in the audit log. */
  readonly done: AuditRecord[];
  /** The names of the targets that nothing more is written to in this look. */
  readonly blocked: Set<string>;
  /** The names of the principals whose Logic Apps have been asked what they use. */
  readonly asked: Set<string>;
  /** Why a principal's permissions are not trimmed now, by its name. */
  readonly silent: Map<string, string>;
  /** How often the write to the present target has been sent. */
  writes: number;
  /** Whether it may change the resource by itself; null before that was asked. One place does for all of its parts. */
  allowance: Allowance | null;
  /** Whether Azure may have carried a write out. */
  mayHaveChanged: boolean;
  /** What Azure had against a write, where it had something. */
  obstacle: Obstacle['kind'] | null;
  /** How many of the steps of `reduce-plan.ts` the plan has been reduced by, because Azure rejected it. */
  steps: number;
  /** What is left for the queue, where one part could not be finished. */
  unfinished: Extract<LookResult, { kind: 'later' }> | null;
  /** Whether Azure turned the last write down because there are too many. */
  isThrottled: boolean;
}

/** What a look plans: all of it, and the part of it that goes into one write. */
export interface Planned {
  readonly full: ResourcePlan;
  /** Null where there is nothing to write. */
  readonly target: WriteTarget | null;
  /** Whether other parts are to be written after this one. */
  readonly hasMore: boolean;
  /** Whether there is more to write than one look does. */
  readonly isCutOff: boolean;
  readonly plan: PreparedPlan;
}

/** How many parts of one resource are written in one look; more than this is somebody working against it. */
const MAX_PARTS = 50;

export function startLooking(
  deps: EngineDeps,
  trail: Trail,
  options: LookOptions,
  seen: Seen,
  readAfter: number,
): Looking {
  return {
    deps,
    trail,
    options,
    seen,
    readAfter,
    open: null,
    target: null,
    closed: [],
    done: [],
    blocked: new Set(),
    asked: new Set(),
    silent: new Map(),
    writes: 0,
    allowance: null,
    mayHaveChanged: false,
    obstacle: null,
    steps: 0,
    unfinished: null,
    isThrottled: false,
  };
}

/** All there is to do. A person who asks for it has also that done which somebody else keeps reverting. */
export function planFully({ deps, trail, seen }: Pick<Looking, 'deps' | 'trail' | 'seen'>): ResourcePlan {
  const { remediators, approval, askedForByName, byHand } = trail.look;
  if (byHand !== undefined) {
    const { plan } = byHand.decide(seen.observed, seen.document, seen.memory, deps.now());
    return planTakenUp(handPlan(byHand, plan), seen);
  }
  const history = askedForByName || approval !== undefined ? [] : seen.memory.editHistory;
  const planWith = (policy: Policy): ResourcePlan =>
    planResource(seen.observed, policy, remediators, deps.now(), history);
  return planTakenUp(
    approval === undefined ? planWith(deps.policy) : planApproved(approval, deps.policy, planWith),
    seen,
  );
}

export function planNow({ deps, trail, seen, steps, blocked, done }: Looking): Planned {
  const { kind } = seen.observed;
  const full = planFully({ deps, trail, seen });
  const targets = targetsOf(kind, full).filter((target) => !blocked.has(nameOfTarget(target)));
  const isFull = done.length >= MAX_PARTS;
  const target = isFull ? null : (targets[0] ?? null);
  const part = restrictPlan(kind, full, target);
  const reduced = steps > 0 && target?.kind === 'resource' ? reducePlan(part, steps - 1) : null;
  const plan = prepareWrite(reduced?.plan ?? part, seen);
  return { full, target, hasMore: targets.length > 1, isCutOff: isFull && targets.length > 0, plan };
}

/** Notes what was tried in vain. A refusal that was met again goes over the same record. */
export function noteClosed(looking: Looking, records: readonly AuditRecord[]): void {
  const ids = new Set(records.map(({ id }) => id));
  const others = looking.closed.filter(({ id }) => !ids.has(id));
  looking.closed.splice(0, looking.closed.length, ...others, ...records);
}

/** On to the next part of the resource, which is another write. */
export function goOn(looking: Looking, finished: readonly AuditRecord[]): null {
  looking.done.push(...finished);
  looking.open = null;
  looking.writes = 0;
  renewWriteId(looking);
  return null;
}

export function renewWriteId(looking: Looking): void {
  looking.trail = { ...looking.trail, writeId: randomUUID() };
}

/** Nothing more is written to the present target in this look. */
export function block(looking: Looking): void {
  if (looking.target !== null) looking.blocked.add(nameOfTarget(looking.target));
}
