import { pointerKeys } from '../types/apply-edits.js';
import { isJsonObject, type Json, type JsonObject } from '../types/json.js';
import type { Edit } from './answers.js';
import { shortened } from './shortened.js';

/** One line of a diff; `absent` stands for what is not there at all. */
export interface DiffLine {
  readonly kind: 'same' | 'removed' | 'added' | 'absent';
  readonly text: string;
}

/** The lines compared one by one grow with the product of both sides; beyond this they are shown whole. */
const MOST_COMPARED = 1_000_000;

/** What an edit does to the place it names, line by line. */
export function diffOf({ op, before, after }: Edit): readonly DiffLine[] {
  switch (op) {
    case 'add':
      return linesOf(after).map((text) => ({ kind: 'added', text }));
    case 'remove':
      return linesOf(before).map((text) => ({ kind: 'removed', text }));
    case 'set': {
      if (before === null)
        return [
          { kind: 'absent', text: 'not set' },
          ...linesOf(after).map((text) => ({ kind: 'added' as const, text })),
        ];
      return diffLines(linesOf(before), linesOf(after));
    }
  }
}

/** The shortest way from one list of lines to another, by the longest that both have in common. */
export function diffLines(before: readonly string[], after: readonly string[]): readonly DiffLine[] {
  if (before.length * after.length > MOST_COMPARED)
    return [...all('removed', before), ...all('added', after)];
  const common = commonLengths(before, after);
  const lines: DiffLine[] = [];
  let [i, j] = [0, 0];
  while (i < before.length && j < after.length) {
    const [old = '', young = ''] = [before[i], after[j]];
    if (old === young) {
      lines.push({ kind: 'same', text: old });
      i += 1;
      j += 1;
    } else if ((common[i + 1]?.[j] ?? 0) >= (common[i]?.[j + 1] ?? 0)) {
      lines.push({ kind: 'removed', text: old });
      i += 1;
    } else {
      lines.push({ kind: 'added', text: young });
      j += 1;
    }
  }
  return [...lines, ...all('removed', before.slice(i)), ...all('added', after.slice(j))];
}

/** How many lines both have in common from each pair of places on. */
function commonLengths(before: readonly string[], after: readonly string[]): readonly Uint32Array[] {
  const rows = Array.from({ length: before.length + 1 }, () => new Uint32Array(after.length + 1));
  for (let i = before.length - 1; i >= 0; i -= 1) {
    const [row, below] = [rows[i], rows[i + 1]];
    if (row === undefined || below === undefined) continue;
    for (let j = after.length - 1; j >= 0; j -= 1) {
      row[j] = before[i] === after[j] ? (below[j + 1] ?? 0) + 1 : Math.max(below[j] ?? 0, row[j + 1] ?? 0);
    }
  }
  return rows;
}

function all(kind: 'removed' | 'added', lines: readonly string[]): readonly DiffLine[] {
  return lines.map((text) => ({ kind, text }));
}

function linesOf(value: Json): readonly string[] {
  return JSON.stringify(value, null, 2).split('\n');
}

/** An edit in a few words: `defaultAction: Allow → Deny`, `ipRules: + 13.69.64.208/28`. */
export function editSummary({ op, path, before, after }: Edit): string {
  const place = placeOf(path);
  switch (op) {
    case 'add':
      return `${place}: + ${shortText(after)}`;
    case 'remove':
      return `${place}: − ${shortText(before)}`;
    case 'set':
      return `${place}: ${before === null ? 'not set' : shortText(before)} → ${shortText(after)}`;
  }
}

/** The last steps of a JSON pointer that say something. */
function placeOf(path: string): string {
  const telling = pointerKeys(path).filter((step) => !TELLS_NOTHING.has(step) && !/^\d+$/.test(step));
  return telling.slice(-2).join(' › ') || path;
}

const TELLS_NOTHING: ReadonlySet<string> = new Set([
  'properties',
  'definition',
  'actions',
  'triggers',
  'runtimeConfiguration',
  'secureData',
  'networkAcls',
]);

const LONGEST = 60;

function shortText(value: Json): string {
  // Of an id, the name says most.
  const text = textOf(value).replaceAll(/\/subscriptions\/[^\s",]*\/([^\s",/]+)/gi, '…/$1');
  return shortened(text, LONGEST);
}

function textOf(value: Json): string {
  if (typeof value === 'string') return value;
  if (isJsonObject(value)) {
    const [only, ...others] = Object.values(value);
    if (typeof only === 'string' && others.length === 0) return only;
    // An access policy: who, and what they may.
    const { objectId, permissions } = value;
    if (typeof objectId === 'string' && isJsonObject(permissions))
      return `${objectId} ${grantsOf(permissions)}`;
  }
  return JSON.stringify(value);
}

function grantsOf(permissions: JsonObject): string {
  const granted = Object.entries(permissions).flatMap(([kind, held]) =>
    Array.isArray(held) && held.length > 0 ? [`${kind} ${held.join(', ')}`] : [],
  );
  return granted.length === 0 ? 'nothing' : granted.join('; ');
}
