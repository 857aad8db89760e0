import { randomUUID } from 'node:crypto';
import type { RemediatorId } from '../types/remediator-id.js';
import type { ResourceId } from '../types/resource-id.js';
import { createArrivals } from './look/arrivals.js';
import { approve, type ApproveRequest, type Approving } from './approve.js';
import type { ChangeEvent } from './change-event.js';
import {
  listDeadLetters,
  type DeadLettersPage,
  type DeadLettersQuery,
} from './dead-letters/list-dead-letters.js';
import { replay, type ReplayResult } from './dead-letters/replay.js';
import type { EngineDeps } from './engine-deps.js';
import {
  acceptFinding,
  listFindings,
  type Accepting,
  type FindingsPage,
  type FindingsQuery,
} from './findings.js';
import { createHandleEvent, type Handled } from './handle-event.js';
import { createHealth, type Health } from './health/health.js';
import { createJoinLooks } from './look/join-looks.js';
import { begunBy, type Look, type LookResult } from './look/look.js';
import type { AuditPage, AuditQuery } from './ports/audit-log.js';
import { exempting, type Exempting } from './exempting.js';
import { postureOf, type Posture } from './posture.js';
import { queueLook } from './look/queue-look.js';
import { markingWrites } from './sweep/marking-writes.js';
import { InvalidMessageError, reconcile } from './reconcile.js';
import { listResources, type ResourcesPage, type ResourcesQuery } from './resources.js';
import { secretFlow, type ShownFlow } from './secret-flow.js';
import { isOfSweep, readSweepMessage } from './sweep/read-sweep-message.js';
import { tracedLook } from './look/traced-look.js';
import { createRunLook } from './look/run-look.js';
import { selfAudit, type SelfAudited } from './self-audit/self-audit.js';
import { sweep, type SweepStart } from './sweep/sweep.js';
import { sweepSubscription, type SweepResult } from './sweep/sweep-subscription.js';
import { undoRecord, type Undoing } from './undo/undo-record.js';
import { createLookNow, INLINE_BUDGET_MS } from './look/look-now.js';

export interface RemediateRequest {
  readonly id: ResourceId;
  readonly dryRun: boolean;
  readonly remediators: readonly RemediatorId[] | null;
}

export type RemediateResult = { readonly correlationId: string } & (
  | Exclude<LookResult, { kind: 'later' }>
  | { readonly kind: 'queued'; readonly retryAfterMs: number }
  /** It cannot be finished now, and a dry run is not queued. */
  | { readonly kind: 'unavailable'; readonly why: string; readonly retryAfterMs: number }
  | { readonly kind: 'out-of-scope' }
);

/** What became of one subscription's part of a sweep. */
export interface SweptPart {
  readonly correlationId: string;
  readonly subscriptionId: string;
  readonly result: SweepResult;
}

/** The three ways in, and the record of what came of them. */
export interface Engine {
  /** Handles what an event announced. Throws only if what it could not finish could not be queued either. */
  handleChange(event: ChangeEvent): Promise<Handled>;
  /** Begins a sweep, which then goes on by the queue. */
  sweep(): Promise<SweepStart>;
  /** Handles one queue message, as it came; what came of it where it was a subscription's to be swept, else null. */
  reconcile(message: unknown): Promise<SweptPart | null>;
  remediate(request: RemediateRequest): Promise<RemediateResult>;
  audit(query: AuditQuery): Promise<AuditPage>;
  /** How the change of a record is taken back by whoever may. Nothing is read from Azure or written. */
  undo(recordId: string): Promise<Undoing>;
  /** Writes what a record planned, because somebody with the right to has approved it. */
  approve(request: ApproveRequest): Promise<Approving>;
  /** Compares what Holdfast's identity did in Azure with what is recorded; says of each subscription what came of it. */
  selfAudit(): Promise<readonly SelfAudited[]>;
  /** What stands open now. */
  findings(query: FindingsQuery): Promise<FindingsPage>;
  acceptFinding(findingId: string, reason: string): Promise<Accepting>;
  /** How the resources stand. */
  posture(): Promise<Posture>;
  /** Every resource that is known, and how it stands. */
  resources(query: ResourcesQuery): Promise<ResourcesPage>;
  /** The ways of the secrets through a workflow as it is now. */
  secretFlow(id: ResourceId): Promise<ShownFlow>;
  /** How a resource is exempted by whoever may, from all remediators where they are null, for so many days (1 to 90). */
  exempting(id: ResourceId, remediators: readonly RemediatorId[] | null, days: number): Exempting;
  /** What could not be delivered, and what was given up. */
  deadLetters(query: DeadLettersQuery): Promise<DeadLettersPage>;
  /** Has dead letters looked at: those of `ids`, or all where it is null. */
  replay(ids: readonly string[] | null): Promise<ReplayResult>;
  /** How this installation is. Never rejects. */
  health(): Promise<Health>;
}

/** Under the function's timeout of ten minutes. */
const SWEEP_BUDGET_MS = 9.5 * 60_000;

export function createEngine(given: EngineDeps): Engine {
  // A sweep knows what it has considered; what comes of anything else it has to be told.
  const deps = markingWrites(given);
  const sweepDeps = { ...given, reader: given.sweepReader };
  const arrivals = createArrivals();
  const runLook = tracedLook(createRunLook(deps, arrivals));
  const joinMessages = createJoinLooks<undefined>();
  const lookNow = createLookNow(deps, runLook);
  const handleEvent = createHandleEvent(deps, lookNow);

  return {
    async handleChange(event) {
      arrivals.note(event.id);
      const isOfSurroundings =
        event.isOfSurroundings && !(event.isOfSetting === true && (await isOwn(deps, event)));
      const look: Look = {
        id: event.id,
        trigger: 'event',
        correlationId: event.correlationId ?? randomUUID(),
        actor: event.actor,
        remediators: null,
        askedForByName: false,
        dryRun: false,
        isOfSurroundings,
        // Its time says nothing of the vault itself.
        causedAt: event.isOfSurroundings ? null : event.time,
      };
      return handleEvent(look);
    },

    sweep: () => sweep(deps, randomUUID(), AbortSignal.timeout(SWEEP_BUDGET_MS)),

    async reconcile(message) {
      if (isOfSweep(message)) {
        const asked = readSweepMessage(message);
        if (asked === null) throw new InvalidMessageError("A sweep's message on the queue cannot be read.");
        const { correlationId, subscriptionId } = asked;
        return { correlationId, subscriptionId, result: await sweepSubscription(sweepDeps, asked) };
      }
      await reconcile(deps, runLook, message, joinMessages);
      return null;
    },

    async remediate({ id, dryRun, remediators }) {
      const correlationId = randomUUID();
      const look: Look = {
        id,
        ...begunBy(deps.operator, 'http'),
        correlationId,
        remediators,
        askedForByName: true,
        dryRun,
        causedAt: null,
      };
      const result = await lookNow(look);
      if (result === 'out-of-scope') return { correlationId, kind: 'out-of-scope' };
      if (result.kind !== 'later') return { correlationId, ...result };
      const { retryAfterMs, why } = result;
      if (dryRun) return { correlationId, kind: 'unavailable', why, retryAfterMs };
      await queueLook(deps, look, retryAfterMs);
      return { correlationId, kind: 'queued', retryAfterMs };
    },

    audit: (query) => deps.audit.query(query),
    undo: (recordId) => undoRecord(deps, recordId),
    approve: (request) => approve(deps, lookNow, request),
    selfAudit: () => selfAudit(deps, AbortSignal.timeout(SWEEP_BUDGET_MS)),
    findings: (query) => listFindings(deps, query),
    acceptFinding: (findingId, reason) => acceptFinding(deps, findingId, reason),
    posture: () => postureOf(deps),
    resources: (query) => listResources(deps, query),
    secretFlow: (id) => secretFlow(deps, id, AbortSignal.timeout(INLINE_BUDGET_MS)),
    exempting: (id, remediators, days) => exempting(id, remediators, days, deps.armUrl, deps.now()),
    deadLetters: (query) => listDeadLetters(deps, query),
    replay: (ids) => replay(deps, ids),
    health: createHealth(deps),
  };
}

/**
 * What Holdfast has written is remembered: to read it again at once would show what was there before, because Azure's
 * lists lag behind, and have it written again, and again.
 */
async function isOwn({ ownIdentity }: EngineDeps, { actor }: ChangeEvent): Promise<boolean> {
  const id = actor?.id?.toLowerCase();
  if (id === undefined) return false;
  // Without a token nobody knows who it was; the look will say what is wrong.
  const own = await ownIdentity().catch(() => new Set<string>());
  return own.has(id);
}
