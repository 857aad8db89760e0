import { visibly } from '../../log-line.js';

/** A cell, or one that is styled: what is shown is the text, made harmless, and then given its style. */
export type Cell = string | { readonly text: string; readonly style: (text: string) => string };

const GAP = '  ';
/** Narrower than this, a column says nothing any more. */
const NARROWEST = 8;

/**
 * Rows under a head, in columns as wide as what is in them. Where that is wider than `columns`, the last column is broken
 * between words. Control characters and terminal escapes in a text are shown, not sent.
 */
export function table(head: readonly string[], rows: readonly (readonly Cell[])[], columns: number): string {
  const all = [head, ...rows].map((row) => row.map(shown));
  const widths = head.map((_, at) => Math.max(...all.map((row) => widthOf(row[at]?.text ?? ''))));
  const before = widths.slice(0, -1).reduce((sum, width) => sum + width + GAP.length, 0);
  const last = Math.max(NARROWEST, Math.min(widths.at(-1) ?? 0, columns - before));
  return all.map((row) => lineOf(row, widths, before, last)).join('');
}

interface Shown {
  readonly text: string;
  readonly style: (text: string) => string;
}

function shown(cell: Cell): Shown {
  const { text, style } = typeof cell === 'string' ? { text: cell, style: plain } : cell;
  return { text: visibly(text), style };
}

function plain(text: string): string {
  return text;
}

function lineOf(row: readonly Shown[], widths: readonly number[], before: number, last: number): string {
  const cells = row.slice(0, -1).map(({ text, style }, at) => style(text) + padding(text, widths[at] ?? 0));
  const end = row.at(-1) ?? { text: '', style: plain };
  const [first = '', ...more] = broken(end.text, last);
  const lines = [
    [...cells, end.style(first)].join(GAP),
    ...more.map((line) => ' '.repeat(before) + end.style(line)),
  ];
  return lines.map((line) => `${line.trimEnd()}\n`).join('');
}

/** A text in lines of at most `width`; a word that is longer has a line to itself. */
export function broken(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && widthOf(line) + 1 + widthOf(word) > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

function padding(text: string, width: number): string {
  return ' '.repeat(Math.max(0, width - widthOf(text)));
}

/** In characters, not in UTF-16 units; wide ones (CJK, emoji) count as one. */
function widthOf(text: string): number {
  return Array.from(text).length;
}
