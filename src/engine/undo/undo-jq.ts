import { pointerKeys } from '../../types/apply-edits.js';
import type { Edit } from '../../types/edit.js';
import { asciiJson } from './shell-quoted.js';

/** How members of a list are told apart: as they are, or as Key Vault spells rules (case, `/32`). */
export type Sameness = 'exact' | 'as-rules';

const SAME: Readonly<Record<Sameness, string>> = {
  exact: 'def same: .;',
  'as-rules':
    'def same: if type == "object" then map_values(same) elif type == "string" then ascii_downcase | sub("/32$"; "") else . end;',
};

/**
 * Takes one edit back each, at its very place. Where the place is as it was before the edit, it stays; where it is
 * neither that nor as Holdfast left it, jq ends with an error, and whoever goes by its exit code sends nothing.
 */
const FUNCTIONS = [
  'def stop($p): error("stopped: " + ($p | map(tostring) | join("/")) + " is no longer as Holdfast left it");',
  // ARM adds keys of its own to what was written, e.g. an identity's principalId.
  'def shows($want): . as $now | if ($want | type) == "object" then ($now | type) == "object" and ([$want | keys[] as $k | ($now[$k] | shows($want[$k]))] | all) else $now == $want end;',
  'def unset($p; $before; $after): getpath($p) as $now | if $now == $before then . elif ($now | shows($after)) then (if $before == null then delpaths([$p]) else setpath($p; $before) end) else stop($p) end;',
  // What was added may have been the first of its list, and the list's parents made for it.
  'def pruned($p): if ($p | length) > 0 and (getpath($p) | . == [] or . == {}) then delpaths([$p]) | pruned($p[:-1]) else . end;',
  'def listed($p): (getpath($p) // []) | if type == "array" then . else stop($p) end;',
  'def unadd($p; $m): listed($p) as $l | ([range($l | length) as $i | select(($l[$i] | same) == ($m | same)) | $i] | first) as $at | if $at == null then . else setpath($p; $l[:$at] + $l[$at + 1:]) end;',
  'def unremove($p; $m): listed($p) as $l | if ([$l[] | same] | index([$m | same])) != null then . else setpath($p; $l + [$m]) end;',
].join(' ');

const CHANGED =
  'if . == $start then error("stopped: nothing of what Holdfast wrote is left to be undone") else . end';

/**
 * A jq program that takes edits back, the last one first, after `prepare` and before `finish`, which are jq filters.
 * Every value of an edit stands in it as a JSON literal, which in jq is nothing but that value.
 */
export function undoJq(
  edits: readonly Edit[],
  {
    sameness,
    prepare,
    finish,
  }: { readonly sameness: Sameness; readonly prepare: string; readonly finish: string },
): string {
  const steps = edits.toReversed().map((edit) => stepOf(edit, sameness));
  return [`${SAME[sameness]} ${FUNCTIONS} ${prepare}`, '. as $start', ...steps, CHANGED, finish].join(' | ');
}

function stepOf(edit: Edit, sameness: Sameness): string {
  const path = asciiJson(pointerKeys(edit.path));
  switch (edit.op) {
    case 'set':
      return `unset(${path}; ${asciiJson(edit.before)}; ${asciiJson(edit.after)})`;
    case 'add': {
      const step = `unadd(${path}; ${asciiJson(edit.after)})`;
      // A vault's lists are always sent, empty or not.
      return sameness === 'exact' ? `${step} | pruned(${path})` : step;
    }
    case 'remove':
      return `unremove(${path}; ${asciiJson(edit.before)})`;
  }
}
