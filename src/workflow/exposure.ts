import { getIgnoringCase } from '../types/json.js';
import { propertiesOf, type SecretExposure, type WorkflowDocument } from '../types/observation.js';
import type { Connections } from './connections.js';
import type { Constants } from './constant.js';
import { textOf } from './folded.js';
import { httpVaultCallOf } from './http-vault-call.js';
import { secretNameIn } from './key-vault-operation.js';
import { readingOf } from './reading.js';
import { secretActionsOf, type SecretAction } from './secret-actions.js';
import { hides, secureDataOf } from './secure-data.js';

/** More than the actions of one workflow (500, by Azure's limits); whoever writes definitions must not fill our memory. */
export const MAX_EXPOSURES = 500;

type OpenAction = Pick<SecretExposure, 'action' | 'pointer' | 'vaultName' | 'secretName'>;

/**
 * What has stood open in a workflow, brought up to date with the workflow as it is now; the array given where nothing
 * has changed. What is new or open again, and what was just shut, has its runs counted anew (`runs` is null). One
 * that was shut, and whose runs were counted and are none, is forgotten.
 */
export function nextExposures(
  before: readonly SecretExposure[],
  workflow: WorkflowDocument,
  connections: Connections,
  now: Date,
): readonly SecretExposure[] {
  const unmatched = new Map(openActionsOf(workflow, connections).map((open) => [placeOf(open), open]));
  const counting = before.filter((exposure) => !isHarmless(exposure));
  const matches = new Map<SecretExposure, OpenAction>();
  // What is open now is first of all what was open before.
  for (const exposure of [...counting.filter(isOpen), ...counting.filter((one) => !isOpen(one))]) {
    const open = unmatched.get(placeOf(exposure));
    if (open === undefined || !mayBeSameVault(open, exposure)) continue;
    matches.set(exposure, open);
    unmatched.delete(placeOf(exposure));
  }
  const kept = counting.map((exposure) => {
    const open = matches.get(exposure);
    return open === undefined ? shut(exposure, now) : opened(exposure, open);
  });
  const openSince = openSinceOf(workflow, now);
  const added = [...unmatched.values()].map((open): SecretExposure => ({
    ...open,
    openSince,
    repairedAt: null,
    runs: null,
  }));
  // What is known stays: what was shut cannot be found again, what is open can.
  const next = [...kept, ...added].slice(0, Math.max(MAX_EXPOSURES, kept.length));
  const isSame = next.length === before.length && next.every((exposure, i) => exposure === before[i]);
  return isSame ? before : next;
}

/** It was shut, and no run can have written a secret while it was open. */
export function isHarmless({ repairedAt, runs }: SecretExposure): boolean {
  return repairedAt !== null && runs?.count === 0 && !runs.isAtLeast;
}

/** The actions that give back a secret and do not hide it. */
function openActionsOf(workflow: WorkflowDocument, connections: Connections): readonly OpenAction[] {
  const { constants } = readingOf(workflow);
  return secretActionsOf(workflow, connections)
    .filter(({ operation }) => {
      const secureData = secureDataOf(operation);
      return secureData.kind === 'malformed' || !hides(secureData.members, 'outputs');
    })
    .map((action) => ({
      action: action.name,
      pointer: action.pointer,
      vaultName: action.vaultName,
      secretName: secretNameOf(action, constants),
    }));
}

/** The name, in lower case, of the secret that an action gets; null where it gets none by name, or cannot be told. */
function secretNameOf({ kind, operation }: SecretAction, constants: Constants): string | null {
  if (kind === 'connector-decrypt') return null;
  if (kind === 'http-get-secret') {
    const path = httpVaultCallOf(operation, constants)?.path ?? null;
    return path === null ? null : secretNameIn(path);
  }
  const path = constants.fold(getIgnoringCase(getIgnoringCase(operation.json, 'inputs'), 'path'));
  return secretNameIn(textOf(path));
}

function placeOf({ pointer, secretName }: OpenAction): string {
  return JSON.stringify([pointer, secretName]);
}

function isOpen({ repairedAt }: SecretExposure): boolean {
  return repairedAt === null;
}

/** A vault that could not be told at one time is the one that could at another. */
function mayBeSameVault(a: OpenAction, b: OpenAction): boolean {
  return a.vaultName === null || b.vaultName === null || a.vaultName === b.vaultName;
}

function opened(exposure: SecretExposure, { vaultName }: OpenAction): SecretExposure {
  const wasOpen = isOpen(exposure);
  if (wasOpen && (vaultName === null || vaultName === exposure.vaultName)) return exposure;
  return {
    ...exposure,
    vaultName: vaultName ?? exposure.vaultName,
    repairedAt: null,
    runs: wasOpen ? exposure.runs : null,
  };
}

/** Runs that were counted while it was open are not all that there were. */
function shut(exposure: SecretExposure, now: Date): SecretExposure {
  return isOpen(exposure) ? { ...exposure, repairedAt: now.toISOString(), runs: null } : exposure;
}

/**
 * The workflow has been as it is since it was last changed, so the action has been open since then at the latest. It
 * may have been open in earlier versions, so `createdTime` would be a guess.
 */
function openSinceOf(workflow: WorkflowDocument, now: Date): string {
  const changed = getIgnoringCase(propertiesOf(workflow), 'changedTime');
  const time = typeof changed === 'string' ? Date.parse(changed) : Number.NaN;
  return Number.isNaN(time) || time > now.getTime() ? now.toISOString() : new Date(time).toISOString();
}
