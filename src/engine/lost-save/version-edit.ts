import type { Edit, SetEdit } from '../../types/edit.js';

/**
 * Where a record says which version of a workflow was taken up: a definition may hold a secret, and belongs in no
 * record. ARM sets the version itself, so nothing else is ever written there.
 */
const VERSION_PATH = '/properties/version';

export function versionEdit(over: string, version: string, isSwitch = false): SetEdit {
  const done = isSwitch ? 'switched this version on or off' : 'saved this version';
  return {
    op: 'set',
    path: VERSION_PATH,
    before: over,
    after: version,
    reason: `somebody ${done} between Holdfast’s read and its write, which went over it: what it holds is taken up again, with Holdfast’s edits on top`,
  };
}

/** Whether an edit names a version instead of changing a place of the document. */
export function isVersionEdit({ path }: Pick<Edit, 'path'>): boolean {
  return path === VERSION_PATH;
}
