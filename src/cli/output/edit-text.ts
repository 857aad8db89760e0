import type { Edit } from '../../types/edit.js';
import type { Json } from '../../types/json.js';

/** An edit in one line: what, where, before and after. Values are shown as JSON, long ones cut. */
export function editText({ op, path, before, after }: Edit): string {
  const place = path
    .replace(/^\/properties\//, '')
    .replaceAll('/', '.')
    .replace(/^\./, '');
  switch (op) {
    case 'set':
      return `${place}: ${valueText(before)} → ${valueText(after)}`;
    case 'add':
      return `${place}: + ${valueText(after)}`;
    case 'remove':
      return `${place}: − ${valueText(before)}`;
  }
}

const LONGEST = 120;

function valueText(value: Json): string {
  const only = soleValue(value);
  const text = JSON.stringify(only);
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST)}…`;
}

/** An IP rule is its address. */
function soleValue(value: Json): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const [key, ...others] = Object.keys(value);
  return key === 'value' && others.length === 0 ? ((value as Record<string, Json>)[key] ?? null) : value;
}
