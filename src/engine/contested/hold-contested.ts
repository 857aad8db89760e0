import { pointerKeys } from '../../types/apply-edits.js';
import type { Edit } from '../../types/edit.js';
import type { Actor } from '../../types/record.js';
import type { RemediatorId } from '../../types/remediator-id.js';
import { editKey, pauseFor } from './contested.js';
import type { EditHistory, EditPause } from '../ports/memory.js';
import { nameOfTarget, targetOf } from '../write/write-target.js';

/** Edits of one remediator that are left alone until a pause ends. */
export interface PausedEdits {
  /** Those that somebody keeps reverting, and those that only make sense together with them. */
  readonly edits: readonly Edit[];
  /** The keys of those that are contested themselves, sorted. */
  readonly contested: readonly string[];
  readonly pause: EditPause;
  /** Who reverted it last; null if unknown. */
  readonly actor: Actor | null;
}

/** Parts a remediator's edits into those to be made and those that are left alone for now. */
export function holdContested(
  remediator: RemediatorId,
  edits: readonly Edit[],
  history: ReadonlyMap<string, EditHistory>,
  times: number,
  now: Date,
): { readonly edits: readonly Edit[]; readonly paused: readonly PausedEdits[] } {
  // Most resources have none, and a key is a digest.
  if (history.size === 0) return { edits, paused: [] };
  const contested = edits.flatMap((edit) => {
    const entry = history.get(editKey(remediator, edit));
    const pause = entry === undefined ? null : pauseFor(entry, times, now);
    return entry === undefined || pause === null ? [] : [{ edit, entry, pause }];
  });
  if (contested.length === 0) return { edits, paused: [] };
  const held = edits.flatMap((edit) => {
    const causes = contested.filter((one) => one.edit === edit || standsWith(remediator, edit, one.edit));
    const last = causes.toSorted((a, b) => Date.parse(b.pause.until) - Date.parse(a.pause.until))[0];
    return last === undefined ? [] : [{ edit, cause: last }];
  });
  const byPause = Map.groupBy(held, ({ cause: { pause } }) => `${pause.until} ${pause.recordId ?? ''}`);
  const paused = [...byPause.values()].flatMap((group): readonly PausedEdits[] => {
    const [first] = group;
    if (first === undefined) return [];
    const own = new Set(group.map(({ edit }) => edit));
    const keys = contested.filter(({ edit }) => own.has(edit)).map(({ entry }) => entry.edit);
    return [
      {
        edits: group.map(({ edit }) => edit),
        contested: [...new Set(keys)].sort(),
        pause: first.cause.pause,
        actor: first.cause.entry.revertedBy,
      },
    ];
  });
  const isHeld = new Set(held.map(({ edit }) => edit));
  return { edits: edits.filter((edit) => !isHeld.has(edit)), paused };
}

/**
 * Whether an edit must not be made without the other, which is contested. What a remediator plans is one whole, unless
 * it is known to be about several things.
 */
function standsWith(remediator: RemediatorId, edit: Edit, contested: Edit): boolean {
  switch (remediator) {
    case 'vault-logic-app-ips':
      // A rule goes because wider ones take its place: not while these are held.
      return edit.op === 'remove' && contested.op === 'add';
    case 'vault-temporary-rules':
    case 'workflow-secure-outputs':
    case 'workflow-secret-flow':
      return false;
    case 'vault-least-privilege':
      // A policy is replaced as a whole, each principal's by itself.
      return nameOfTarget(targetOf('vault', edit)) === nameOfTarget(targetOf('vault', contested));
    case 'connection-managed-identity':
      // One entry of $connections is pointed at another connection as a whole.
      return entryOf(edit) === entryOf(contested);
    case 'vault-purge-protection':
    case 'vault-firewall':
    case 'vault-readers':
    case 'vault-logging':
    case 'vault-deleted':
    case 'workflow-managed-identity':
    case 'workflow-plaintext-secrets':
    case 'workflow-secret-exposure':
      return true;
  }
}

/** `/properties/parameters/$connections/value/{key}`, or a whole connection. */
function entryOf({ path }: Edit): string {
  return pointerKeys(path).slice(0, 5).join('/');
}
