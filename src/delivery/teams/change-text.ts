import { pointerKeys } from '../../types/apply-edits.js';
import type { Edit } from '../../types/edit.js';
import type { Json } from '../../types/json.js';

/** Where and what an edit changes: `networkAcls › defaultAction: Allow → Deny`. */
export function changeText({ op, path, before, after }: Edit): string {
  const place = placeOf(path);
  if (op === 'add') return `${place}: + ${valueText(after)}`;
  if (op === 'remove') return `${place}: − ${valueText(before)}`;
  return `${place}: ${before === null ? 'not set' : valueText(before)} → ${valueText(after)}`;
}

/** A JSON pointer (RFC 6901) without what stands in every path. */
function placeOf(path: string): string {
  const names = pointerKeys(path);
  const telling = names[0] === 'properties' && names.length > 1 ? names.slice(1) : names;
  return telling.join(' › ');
}

const MOST_VALUE = 200;

function valueText(value: Json): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > MOST_VALUE ? `${text.slice(0, MOST_VALUE)}…` : text;
}
