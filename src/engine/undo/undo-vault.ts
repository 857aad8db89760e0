import type { Edit } from '../../types/edit.js';
import { isJsonObject, type JsonObject } from '../../types/json.js';
import type { ResourceId } from '../../types/resource-id.js';
import type { ArmUrl } from '../ports/arm.js';
import { azRest } from './undo-script.js';
import type { NotUndone, UndoCommand, UndoPart } from './undo.js';
import { undoNetwork } from './undo-network.js';
import { ACCESS_POLICIES, DIAGNOSTIC_SETTINGS } from '../write/write-target.js';

const NETWORK_ACLS = '/properties/networkAcls/';
/** https://learn.microsoft.com/azure/key-vault/general/soft-delete-overview */
const IRREVERSIBLE: Readonly<Record<string, string>> = {
  '/properties/enablePurgeProtection':
    'Azure lets nobody turn purge protection off again: it is irreversible. Only a new vault would be without it.',
  '/properties/enableSoftDelete': 'Azure lets nobody turn soft delete off again.',
  '/properties/createMode':
    'The vault was deleted and is there again. Deleting it once more (az keyvault delete) is no undoing: whoever reads its secrets now would lose them, and its role assignments are gone either way. Decide that by hand.',
};

/** What takes back the edits of a vault: what stands in its networkAcls in one request, each other part in its own. */
export function undoVault(id: ResourceId, edits: readonly Edit[], armUrl: ArmUrl): UndoPart {
  const network = edits.filter(({ path }) => path.startsWith(NETWORK_ACLS));
  const others = edits.filter((edit) => !network.includes(edit)).toReversed();
  const parts = [
    ...(network.length > 0 ? [undoNetwork(id, network, armUrl)] : []),
    ...others.map((edit) => undoOther(id, edit, armUrl)),
  ];
  return {
    commands: parts.flatMap(({ commands }) => commands),
    cannotUndo: parts.flatMap(({ cannotUndo }) => cannotUndo),
    warnings: [...new Set(parts.flatMap(({ warnings }) => warnings))],
  };
}

function undoOther(id: ResourceId, edit: Edit, armUrl: ArmUrl): UndoPart {
  if (edit.path === ACCESS_POLICIES) return undoPolicy(id, edit, armUrl);
  if (edit.path.startsWith(DIAGNOSTIC_SETTINGS)) return undoSetting(id, edit, armUrl);
  const why =
    IRREVERSIBLE[edit.path] ??
    'There is no command for this; change it by hand from the record’s before and after.';
  return only({ path: edit.path, why });
}

/**
 * The entry as it was is added to the one that took its place: what the principal was given since then, and everybody
 * else's, stays. The entry that was added needs no command of its own, because it holds nothing that the other did not.
 */
function undoPolicy(id: ResourceId, edit: Edit, armUrl: ArmUrl): UndoPart {
  if (edit.op === 'add') return NOTHING;
  if (edit.op === 'set' || !isJsonObject(edit.before))
    return only({ path: edit.path, why: 'The record does not show the access policy as it was.' });
  const body = { properties: { accessPolicies: [edit.before] } };
  const url = armUrl(id, { kind: 'access-policies-add' });
  return {
    commands: [
      commandOf('Give back the permissions that were trimmed', { method: 'PUT', url, body, jq: null }),
    ],
    cannotUndo: [],
    warnings: [
      'The principal gets the permissions even if somebody has taken its access policy away since; look first with az keyvault show.',
    ],
  };
}

function undoSetting(id: ResourceId, edit: Edit, armUrl: ArmUrl): UndoPart {
  const name = edit.path.slice(DIAGNOSTIC_SETTINGS.length);
  const url = armUrl(id, { kind: 'diagnostic-setting', name });
  const before = isJsonObject(edit.before) ? edit.before.properties : null;
  const command = isJsonObject(before)
    ? commandOf(`Put the diagnostic setting ${name} back as it was`, {
        method: 'PUT',
        url,
        body: { properties: withoutNull(before) },
        jq: null,
      })
    : commandOf(`Delete the diagnostic setting ${name}`, { method: 'DELETE', url, body: null, jq: null });
  return {
    commands: [command],
    cannotUndo: [],
    warnings: [
      `A diagnostic setting is written whole: what somebody has changed in ${name} since then is lost. Look first with az monitor diagnostic-settings show.`,
    ],
  };
}

/** ARM shows what is not set as null, and does not take that back in every place. */
function withoutNull(object: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== null));
}

function commandOf(title: string, rest: UndoCommand['rest']): UndoCommand {
  return { title, az: azRest(rest), rest };
}

const NOTHING: UndoPart = { commands: [], cannotUndo: [], warnings: [] };

function only(notUndone: NotUndone): UndoPart {
  return { ...NOTHING, cannotUndo: [notUndone] };
}
