import type { Edit } from '../../types/edit.js';
import type { UndoPart } from './undo.js';

/** A connection that was made beside another is not to be deleted while a workflow may use it. */
export function undoConnection(edits: readonly Edit[]): UndoPart {
  return {
    commands: [],
    cannotUndo: edits.map(({ path }) => ({
      path,
      why: 'The connection was made beside the old one, which is as it was. Workflows may have been moved to it since: undo their records of connection-managed-identity first. Then, if nothing else uses it, delete it (az resource delete); left alone it does no harm.',
    })),
    warnings: [],
  };
}
