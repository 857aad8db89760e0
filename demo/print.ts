import type { AuditRecord, Edit } from './audit-client.js';

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

export function say(line = ''): void {
  process.stdout.write(`${line}\n`);
}

/** `/properties/networkAcls/defaultAction: Allow → Deny`, the last part of the path being what one looks for. */
export function describeEdit({ op, path, before, after }: Edit): string {
  const place = path.replace('/properties/', '').replaceAll('/', ' › ');
  if (op === 'add') return `${place}: + ${short(after)}`;
  if (op === 'remove') return `${place}: − ${short(before)}`;
  return `${place}: ${short(before ?? 'not set')} → ${short(after)}`;
}

function short(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'object' && value !== null && 'value' in value) return String(value.value);
  return JSON.stringify(value);
}

export function sayRecord(record: AuditRecord, note = ''): void {
  const mark = record.outcome === 'applied' ? green('  fixed ') : yellow(`  ${record.outcome} `);
  say(`${mark}${bold(record.remediator)}${note === '' ? '' : dim(`  ${note}`)}`);
  const most = 4;
  for (const edit of record.edits.slice(0, most)) say(`        ${describeEdit(edit)}`);
  if (record.edits.length > most) say(dim(`        … and ${record.edits.length - most} more`));
  for (const warning of record.warnings.slice(0, 2)) say(dim(`        note: ${warning}`));
  if (record.error !== null) say(dim(`        why: ${record.error}`));
}

export function sayTable(head: readonly string[], rows: readonly (readonly string[])[]): void {
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd();
  say(bold(line(head)));
  say(dim(line(widths.map((width) => '─'.repeat(width)))));
  for (const row of rows) say(line(row));
}
