import type { AuditRecord, Finding } from './audit-client.js';
import { describeEdits } from './describe-edits.js';

const isColoured = process.stdout.isTTY && process.env.NO_COLOR === undefined;
const paint =
  (code: number) =>
  (text: string): string =>
    isColoured ? `\u001b[${code}m${text}\u001b[0m` : text;

export const red = paint(31);
export const green = paint(32);
export const yellow = paint(33);
export const dim = paint(2);
export const bold = paint(1);

/** Lines are kept within so many columns. */
export const WIDTH = 116;

export function say(line = ''): void {
  process.stdout.write(`${line}\n`);
}

/** In lines that fit, each as far to the right; what does not fit into so many is left out. */
export function sayWrapped(text: string, indent: number, most = 3): void {
  for (const line of wrap(shortened(text), WIDTH - indent, most)) say(dim(' '.repeat(indent) + line));
}

/** Resources by their names, in place of their ids; times of today without the date, others without the time. */
function shortened(text: string): string {
  const today = new Date().toISOString().slice(0, 10);
  return text
    .replaceAll(/\/subscriptions\/[^\s",]*\/([^\s",/]+)/g, '$1')
    .replaceAll(/(\d{4}-\d\d-\d\d)T(\d\d:\d\d):[\d.]+Z/g, (_, date: string, time: string) =>
      date === today ? time : date,
    );
}

export function clip(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, width - 1).trimEnd()}…`;
}

const MOST_EDITS = 4;
const MOST_WARNINGS = 1;
const INDENT = 8;

/** `note` is for whoever wants to know when and by whom. */
export function sayRecord(record: AuditRecord, note = ''): void {
  const mark = record.outcome === 'applied' ? green('  fixed ') : yellow(`  ${record.outcome} `);
  say(`${mark}${bold(record.remediator)}${note === '' ? '' : dim(`  ${note}`)}`);
  const edits = describeEdits(record.edits);
  for (const edit of edits.slice(0, MOST_EDITS)) say(`${' '.repeat(INDENT)}${clip(edit, WIDTH - INDENT)}`);
  if (edits.length > MOST_EDITS) say(dim(`${' '.repeat(INDENT)}… and ${edits.length - MOST_EDITS} more`));
  sayRemarks(record, INDENT);
}

/** What whoever reads a record should know, and why a change was not made. */
export function sayRemarks({ warnings, error }: AuditRecord, indent: number, most = MOST_WARNINGS): void {
  for (const warning of warnings.slice(0, most)) sayWrapped(`note: ${warning}`, indent);
  if (error !== null) sayWrapped(`why: ${error}`, indent);
}

export function sayFinding({ remediator, severity, reason, step }: Finding, note: string): void {
  say(`${yellow('  found ')}${bold(remediator ?? 'holdfast')}${dim(`  ${note}`)}`);
  for (const line of wrap(shortened(`${severity}: ${reason}`), WIDTH - INDENT))
    say(' '.repeat(INDENT) + line);
  sayWrapped(`to do: ${step}`, INDENT);
}

/** The last column goes on below where it is too wide; below each row may stand a remark. */
export function sayTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  remarks: readonly string[] = [],
): void {
  const last = head.length - 1;
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]?.length ?? 0)));
  const before = widths.slice(0, last).reduce((sum, width) => sum + width + 2, 0);
  widths[last] = Math.min(widths[last] ?? 0, Math.max(20, WIDTH - before));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd();
  say(bold(line(head)));
  say(dim(line(widths.map((width) => '─'.repeat(width)))));
  for (const [i, row] of rows.entries()) {
    const [first = '', ...more] = wrap(row[last] ?? '', widths[last]);
    say(line([...row.slice(0, last), first]));
    for (const rest of more) say(' '.repeat(before) + rest);
    const remark = remarks[i];
    if (remark !== undefined) sayWrapped(remark, (widths[0] ?? 0) + 2, 1);
  }
}

/** At spaces; a word that is longer than a line has one of its own. The last line is clipped where more would follow. */
function wrap(text: string, width: number, most = Number.POSITIVE_INFINITY): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const isLast = lines.length + 1 >= most;
    if (line !== '' && line.length + 1 + word.length > width && !isLast) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, most === Number.POSITIVE_INFINITY ? line : clip(line, width)];
}
