import type { Actor, Trigger } from '../../types/record.js';
import type { RemediatorId } from '../../types/remediator-id.js';
import type { ResourceId } from '../../types/resource-id.js';
import type { Edit } from '../../types/edit.js';
import type { HandChange } from '../by-hand.js';
import type { Approval } from '../plan-approved.js';

/** A request to look at one resource: where, and for whom. What to do is planned from what is seen there. */
export interface Look {
  readonly id: ResourceId;
  readonly trigger: Trigger;
  readonly correlationId: string;
  readonly actor: Actor | null;
  /** Null means all. */
  readonly remediators: readonly RemediatorId[] | null;
  readonly askedForByName: boolean;
  /** Plan only; nothing is written anywhere. */
  readonly dryRun: boolean;
  /** It concerns what belongs to the resource but does not stand in it: a role assignment, a diagnostic setting. */
  readonly isOfSurroundings?: boolean;
  /** When what the event announced happened, RFC 3339; null where nothing was announced. */
  readonly causedAt: string | null;
  /** What somebody with the right to has approved; it does not travel in queue messages. */
  readonly approval?: Approval;
  /** What a person does to the resource in place of what would be planned; nor does it travel. */
  readonly byHand?: HandChange;
}

/** Who has begun a look that no event led to: the app, or whoever runs the engine by hand. */
export function begunBy(
  operator: Actor | undefined,
  trigger: 'http' | 'sweep',
): Pick<Look, 'trigger' | 'actor'> {
  return operator === undefined ? { trigger, actor: null } : { trigger: 'cli', actor: operator };
}

/** Whether somebody waits for what comes of this one resource: there is time to ask for all that belongs to it. */
export function isForSomebody({ trigger, askedForByName }: Look): boolean {
  return trigger === 'http' || (trigger === 'cli' && askedForByName);
}

/** Why Azure did not take a change, and the record that says so. */
export interface Obstacle {
  readonly kind: 'locked' | 'failed';
  readonly recordId: string | null;
  readonly why: string;
}

export const OUTCOMES = [
  'failed',
  'refused',
  'contested',
  'planned',
  'applied',
  'exempt',
  'compliant',
] as const;
/** What became of a resource or of one remediator's part, worst first. */
export type Outcome = (typeof OUTCOMES)[number];

export interface Remediation {
  readonly remediator: RemediatorId;
  readonly outcome: Outcome;
  readonly edits: readonly Edit[];
  readonly warnings: readonly string[];
  readonly error: string | null;
  /** Null where nothing was recorded: a compliant resource, a dry run, or a plan recorded before. */
  readonly recordId: string | null;
}

export type LookResult =
  | {
      readonly kind: 'done';
      readonly outcome: Outcome;
      readonly remediations: readonly Remediation[];
      /** Why Azure did not take the change, where it did not. */
      readonly obstacle: Obstacle | null;
    }
  /** There is no such resource; a vault that was deleted may be recoverable. */
  | { readonly kind: 'gone'; readonly isRecoverable?: true }
  /** It cannot be finished now, but may be later. */
  | {
      readonly kind: 'later';
      readonly retryAfterMs: number;
      readonly why: string;
      /** Somebody else is at it, or the last write may not show yet; that is no failure of the resource. */
      readonly isBusy: boolean;
      /** Azure takes no more requests for now; that is none, either. */
      readonly isThrottled?: true;
      /** Whether the audit log says already what stood in the way. */
      readonly isRecorded: boolean;
    };

/** The worst outcome of several; compliant where there is none. */
export function worstOutcome(outcomes: readonly Outcome[]): Outcome {
  return OUTCOMES.find((outcome) => outcomes.includes(outcome)) ?? 'compliant';
}
