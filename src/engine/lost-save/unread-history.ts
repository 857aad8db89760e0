import type { RemediatorId } from '../../types/remediator-id.js';
import type { VersionMark } from './lost-save.js';
import type { ResourceMemory } from '../ports/memory.js';

type Recorded = ResourceMemory['recorded'];

/** A write of a workflow, as the version history is asked about it. */
export interface WorkflowWrite {
  /** What it was planned from. */
  readonly base: VersionMark;
  /** Holdfast's version; null where only its `digest` is known. */
  readonly own: VersionMark | null;
  readonly digest: string;
  /** The state that it gave the workflow; null where that is not known. */
  readonly state?: string | null;
  readonly remediator: RemediatorId;
  readonly recordIds: readonly string[];
  /** How many saves in a row were lost before it. */
  readonly rounds: number;
  /** When it was over, or was found to be; RFC 3339, UTC. */
  readonly at: string;
}

/** Beside the keys of `record-memory.ts`. */
const UNREAD = 'unread:';

/** Remembers a write whose history could not be read; of several the last, which stands on top of the others. */
export function rememberUnread(recorded: Recorded, write: WorkflowWrite): Recorded {
  return { ...recorded, [UNREAD]: JSON.stringify(write) };
}

export function unreadIn(recorded: Recorded): WorkflowWrite | null {
  const found = recorded[UNREAD];
  return found === undefined ? null : (JSON.parse(found) as WorkflowWrite);
}

export function withoutUnread(recorded: Recorded): Recorded {
  return Object.fromEntries(Object.entries(recorded).filter(([key]) => key !== UNREAD));
}
