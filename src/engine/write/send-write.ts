import type { Edit } from '../../types/edit.js';
import { isJsonObject, type JsonObject } from '../../types/json.js';
import { propertiesOf } from '../../types/observation.js';
import type { ResourceId } from '../../types/resource-id.js';
import { ArmError } from '../arm-error.js';
import type { EngineDeps } from '../engine-deps.js';
import type { OpenWrite } from './open-write.js';
import type { ArmWriteResult } from '../ports/arm.js';
import type { PreparedWrite } from './prepare-write.js';
import { siblingId } from './sibling-id.js';
import { READ_AGAIN_MS } from '../look/stale-read.js';
import { sleep } from '../sleep.js';
import { unconfirmedEdits } from './verify-edits.js';

export type WriteAttempt =
  /** Azure shows every edit. */
  | { readonly kind: 'confirmed'; readonly document: JsonObject; readonly armRequestId: string | null }
  /** Azure will not take it; repeating it changes nothing. */
  | {
      readonly kind: 'blocked';
      readonly outcome: 'refused' | 'failed';
      readonly obstacle: 'locked' | 'failed';
      readonly why: string;
      readonly armRequestId: string | null;
      /** Azure may have taken the write without some part of it. */
      readonly isDivisible: boolean;
      /** Azure has taken it, and its answer does not show these of its edits; it shows the others. */
      readonly missing?: readonly Edit[];
    }
  /** It may or may not have been carried out, unless it was turned down: look again before anything else. */
  | {
      readonly kind: 'retry';
      readonly retryAfterMs: number;
      readonly why: string;
      /** Azure has certainly not carried it out. */
      readonly isTurnedDown: boolean;
      /** Azure has taken it; only it does not show yet. */
      readonly isTaken?: true;
      /** Azure takes no more requests for now, or was not asked because it said so. */
      readonly isThrottled?: true;
    };

type Sending = Pick<EngineDeps, 'writer' | 'reader'>;

/** Sends the write, once, and checks what Azure then shows edit by edit. */
export async function sendWrite(
  deps: Sending,
  id: ResourceId,
  write: PreparedWrite,
  open: OpenWrite,
): Promise<WriteAttempt> {
  const edits = open.records.flatMap((record) => record.edits);
  try {
    const { document, armRequestId } = await send(deps, id, write, open.trail.writeId);
    const missingIn = (shown: JsonObject): readonly Edit[] => unconfirmedEdits(shown, edits, write.intended);
    if (write.target.kind === 'access-policy') {
      const shown = await readUntilShown(deps, id, (live) => missingIn(live).length === 0);
      return 'kind' in shown ? shown : { kind: 'confirmed', document: shown.document, armRequestId };
    }
    const shown = shownBy(write, document);
    const missing = missingIn(shown);
    if (missing.length === 0) return { kind: 'confirmed', document: shown, armRequestId };
    const places = [...new Set(missing.map((edit) => edit.path))].join(', ');
    const why = `Azure accepted the write, but its answer does not show the change at ${places}.`;
    return {
      kind: 'blocked',
      outcome: 'failed',
      obstacle: 'failed',
      why,
      armRequestId,
      isDivisible: false,
      missing,
    };
  } catch (error) {
    if (error instanceof ArmError) return afterError(error);
    throw error;
  }
}

function send(
  { writer }: Sending,
  id: ResourceId,
  { target, body }: PreparedWrite,
  writeId: string,
): Promise<ArmWriteResult> {
  switch (target.kind) {
    case 'resource':
      return id.kind === 'vault'
        ? writer.patchVault(id, body, writeId)
        : writer.putWorkflow(id, body, writeId);
    case 'access-policy':
      return writer.replaceAccessPolicies(id, body, writeId);
    case 'diagnostic-setting':
      return writer.putDiagnosticSetting(id, target.name, body, writeId);
    case 'recovery':
      return writer.recoverVault(id, body, writeId);
    case 'connection':
      return writer.putConnection(siblingId(id, target.name), body, writeId);
  }
}

/** The resource as the answer to a write of part of it shows it: the part, at the place that the edits name. */
function shownBy({ target, before }: PreparedWrite, answer: JsonObject): JsonObject {
  switch (target.kind) {
    case 'resource':
    case 'access-policy':
      return answer;
    case 'diagnostic-setting': {
      const { diagnosticSettings } = before;
      const others = isJsonObject(diagnosticSettings) ? diagnosticSettings : {};
      return { ...before, diagnosticSettings: { ...others, [target.name]: answer } };
    }
    case 'connection':
      return { ...before, connections: { [target.name]: answer } };
    case 'recovery':
      // That the vault is there again is what was to be; how it came does not stand in it.
      return { ...answer, properties: { ...propertiesOf(answer), createMode: 'recover' } };
  }
}

/** The lease does not wait for a read that hangs. */
const SHOW_TIMEOUT_MS = 4000;
/** ARM's reads lag behind its writes by seconds: long enough that a read from the queue shows more. */
const SHOWN_LATER_MS = 6000;

/**
 * The answer to a write of access policies has what was sent, not what there is: the vault itself is asked. The write
 * was taken, so whatever comes of asking, it is never said that it was not.
 */
async function readUntilShown(
  { reader }: Sending,
  id: ResourceId,
  isShown: (document: JsonObject) => boolean,
): Promise<{ readonly document: JsonObject } | Extract<WriteAttempt, { kind: 'retry' }>> {
  try {
    for (const delayMs of [0, ...READ_AGAIN_MS]) {
      await sleep(delayMs, new AbortController().signal);
      const { document } = await reader.read(id, AbortSignal.timeout(SHOW_TIMEOUT_MS));
      if (isShown(document)) return { document };
    }
    return unsure('Azure accepted the write, but does not show the change yet.', SHOWN_LATER_MS);
  } catch (error) {
    if (!(error instanceof ArmError)) throw error;
    return unsure(`Azure accepted the write. ${error.message}`, error.details.retryAfterMs ?? 0);
  }
}

function unsure(why: string, retryAfterMs: number): Extract<WriteAttempt, { kind: 'retry' }> {
  return { kind: 'retry', retryAfterMs, why, isTurnedDown: false, isTaken: true };
}

function afterError(error: ArmError): WriteAttempt {
  const { kind, status, code, armRequestId, retryAfterMs } = error.details;
  const why = error.message;
  switch (kind) {
    case 'locked':
      return {
        kind: 'blocked',
        outcome: 'refused',
        obstacle: 'locked',
        why,
        armRequestId,
        isDivisible: false,
      };
    case 'unauthorized':
    case 'rejected': {
      const isDivisible = kind === 'rejected' || code === 'LinkedAuthorizationFailed';
      return { kind: 'blocked', outcome: 'failed', obstacle: 'failed', why, armRequestId, isDivisible };
    }
    case 'not-found':
    case 'throttled':
    case 'conflict':
    case 'unavailable':
      return {
        kind: 'retry',
        retryAfterMs: retryAfterMs ?? 0,
        why,
        // A precondition that does not hold is found before anything is done (RFC 9110, 13.2.1).
        isTurnedDown: kind === 'throttled' || kind === 'not-found' || status === 412,
        ...(kind === 'throttled' ? { isThrottled: true } : {}),
      };
  }
}
