import type { Edit } from '../../types/edit.js';
import { isJsonObject } from '../../types/json.js';
import type { ResourceId } from '../../types/resource-id.js';
import type { ArmUrl } from '../ports/arm.js';
import { asciiJson } from './shell-quoted.js';
import { undoJq } from './undo-jq.js';
import { azRest } from './undo-script.js';
import type { NotUndone, UndoPart } from './undo.js';
import { isVersionEdit } from '../lost-save/version-edit.js';
import { READ_ONLY } from '../write/workflow-put.js';

/** A type is written in any case, and so is the key `type`. */
const REFUSE_SECURE =
  'if [.properties | .. | objects | to_entries[] | select(.key | ascii_downcase == "type") | .value | strings | ascii_downcase | test("^\\\\s*secure(string|object)\\\\s*$")] | any then error("stopped: the workflow declares secure parameters, whose values Azure does not give back") else . end';
const WITHOUT_READ_ONLY = [
  `delpaths(${asciiJson(READ_ONLY)})`,
  // ARM refuses their read-only principal and client ids.
  'if (.identity | type) == "object" and (.identity.userAssignedIdentities | type) == "object" then .identity.userAssignedIdentities |= map_values({}) else . end',
].join(' | ');

/** What takes back the edits of a workflow: there is only a PUT of the whole, made of the workflow as it is then. */
export function undoWorkflow(id: ResourceId, recorded: readonly Edit[], armUrl: ArmUrl): UndoPart {
  const edits = recorded.filter((edit) => !isVersionEdit(edit)).map(asNone);
  const taken = recorded.filter(isVersionEdit).map(takenUp);
  if (edits.length === 0) return { commands: [], cannotUndo: taken, warnings: [] };
  const jq = undoJq(edits, { sameness: 'exact', prepare: REFUSE_SECURE, finish: WITHOUT_READ_ONLY });
  const rest = { method: 'PUT', url: armUrl(id), body: null, jq } as const;
  const title = 'Put the workflow back as it was at these places';
  const hasIdentity = edits.some(isIdentity);
  return {
    commands: [{ title, az: azRest(rest), rest }],
    cannotUndo: [
      ...taken,
      ...(hasIdentity
        ? [
            {
              path: '/identity/principalId',
              why: 'The identity that was made goes, and what it was granted with it; one that is made later has another principal.',
            },
          ]
        : []),
    ],
    warnings: [
      ...WARNINGS,
      ...(hasIdentity
        ? ['Connections that sign in with the managed identity stop working when the workflow has none.']
        : []),
    ],
  };
}

function takenUp({ path, before }: Edit): NotUndone {
  const why = `This put back what somebody had saved and Holdfast’s write before had gone over. Take it away by restoring the version ${JSON.stringify(before)} in the workflow’s version history, if that is wanted.`;
  return { path, why };
}

const WARNINGS = [
  'A workflow is written as a whole: what somebody saves between the two requests is lost. The run history and the versions stay.',
  'The values of secure parameters (SecureString, SecureObject) cannot be read back, so the commands stop at a workflow that declares one: undo that where it is deployed from.',
  'A Recurrence trigger without a startTime runs at once when the workflow is written.',
  'Use jq 1.7 or newer: earlier ones round numbers of more than 17 digits, wherever they stand in the definition.',
];

function isIdentity({ path }: Edit): boolean {
  return /^\/identity(?:\/type)?$/i.test(path);
}

/** What a PUT without an identity does is not documented; that of the type None takes it away. */
function asNone(edit: Edit): Edit {
  if (edit.op !== 'set' || edit.before !== null || !isIdentity(edit)) return edit;
  return { ...edit, before: isJsonObject(edit.after) ? { type: 'None' } : 'None' };
}
