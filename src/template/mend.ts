import { InapplicableEditError, isSameJson } from '../types/apply-edits.js';
import { checkDocument } from './check-document.js';
import type { Checked, CheckFinding } from './checked.js';
import { readDocument, type JsonDocument } from './json-document.js';
import { afterEdits, replaced, spliceOf, UnspliceableError, type Replacement } from './splice.js';

/** A file with what could be mended in it, and what is wrong with it still. */
export interface Mended {
  /** The text that was given where nothing could be mended. */
  readonly text: string;
  readonly mended: readonly CheckFinding[];
  readonly left: readonly CheckFinding[];
}

const CANNOT = 'The file cannot be changed there without touching something else.';

/**
 * Mends what can be. The result has been read and checked again: what was mended is gone, nothing new is found, and but for
 * the edits it says what the file said before.
 */
export function mend(document: JsonDocument, checked: Checked, now: Date): Mended {
  const wanted = checked.findings.filter(({ edits }) => edits.length > 0);
  const left = checked.findings.filter(({ edits }) => edits.length === 0);
  if (wanted.length === 0) return { text: document.text, mended: [], left };
  const whole = mendedText(document, checked, wanted, now);
  if (whole !== null) return { text: whole, mended: wanted, left };
  // Something stands in the way of one of them: the others are mended all the same.
  const mended: CheckFinding[] = [];
  let text = document.text;
  for (const finding of wanted) {
    const next = mendedText(document, checked, [...mended, finding], now);
    if (next === null) {
      left.push({ ...finding, edits: [], warnings: [], obstacle: CANNOT });
    } else {
      mended.push(finding);
      text = next;
    }
  }
  return { text, mended, left };
}

/** How one finding is mended by itself; null where it is not. */
export function mendingOf(document: JsonDocument, { edits }: CheckFinding): readonly Replacement[] | null {
  if (edits.length === 0) return null;
  try {
    return spliceOf(document, edits);
  } catch (error) {
    if (error instanceof UnspliceableError || error instanceof InapplicableEditError) return null;
    throw error;
  }
}

/** Null where the result is not what it should be. */
function mendedText(
  document: JsonDocument,
  checked: Checked,
  wanted: readonly CheckFinding[],
  now: Date,
): string | null {
  const edits = wanted.flatMap((finding) => finding.edits);
  try {
    const text = replaced(document.text, spliceOf(document, edits));
    const again = readDocument(text);
    if ('what' in again || !isSameJson(again.value, afterEdits(document.value, edits))) return null;
    const found = checkDocument(again, now)?.findings ?? [];
    const gone = new Set(wanted.map(keyOf));
    const before = new Set(checked.findings.map(keyOf));
    const isMended = found.every((finding) => !gone.has(keyOf(finding)) && before.has(keyOf(finding)));
    return isMended ? text : null;
  } catch (error) {
    if (error instanceof UnspliceableError || error instanceof InapplicableEditError) return null;
    throw error;
  }
}

function keyOf({ rule, resource, pointer, about }: CheckFinding): string {
  return JSON.stringify([rule, resource, pointer, about]);
}
