import type { JsonObject } from '../../types/json.js';
import type { AuditRecord } from '../../types/record.js';
import type { RemediatorId } from '../../types/remediator-id.js';
import { tryParseResourceId, type ResourceId } from '../../types/resource-id.js';
import { holdOff, type HoldOff } from './hold-off.js';
import type { ArmUrl } from '../ports/arm.js';
import { undoConnection } from './undo-connection.js';
import { undoVault } from './undo-vault.js';
import { undoWorkflow } from './undo-workflow.js';

/** One step of taking a change back, to be run with the caller's own rights: the same said twice. */
export interface UndoCommand {
  readonly title: string;
  /** For a POSIX shell, with Azure CLI and, where it says so, jq. */
  readonly az: string;
  readonly rest: {
    readonly method: 'PATCH' | 'PUT' | 'DELETE';
    readonly url: string;
    /** Null where there is none, and where `jq` makes it. */
    readonly body: JsonObject | null;
    /** A jq program that makes the body out of the answer to a GET of `url`; where it fails, nothing is to be sent. */
    readonly jq: string | null;
  };
}

/** What of a change is not taken back by the commands, and why. */
export interface NotUndone {
  readonly path: string;
  readonly why: string;
}

/** How a change is taken back by whoever may: Holdfast itself loosens nothing. */
export interface Undo {
  readonly recordId: string;
  readonly resourceId: string;
  readonly remediator: RemediatorId;
  readonly writeId: string;
  readonly commands: readonly UndoCommand[];
  readonly cannotUndo: readonly NotUndone[];
  readonly holdOff: HoldOff;
  readonly warnings: readonly string[];
}

export type UndoPart = Pick<Undo, 'commands' | 'cannotUndo' | 'warnings'>;

/** The exact inverse of an applied record's edits. `now` decides until when Holdfast is held off. */
export function undoOf(record: AuditRecord, armUrl: ArmUrl, now: Date): Undo {
  const { id: recordId, resourceId, remediator, writeId } = record;
  const id = tryParseResourceId(resourceId);
  if (id === null) throw new TypeError(`The record ${recordId} names no resource.`);
  const part = partOf(id, record, armUrl);
  const held = holdOff(id, remediator, armUrl, now);
  return { recordId, resourceId, remediator, writeId, ...part, holdOff: held };
}

function partOf(id: ResourceId, { edits }: AuditRecord, armUrl: ArmUrl): UndoPart {
  switch (id.kind) {
    case 'vault':
      return undoVault(id, edits, armUrl);
    case 'workflow':
      return undoWorkflow(id, edits, armUrl);
    case 'connection':
      return undoConnection(edits);
  }
}
