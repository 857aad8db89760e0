import type { Finding } from '../../remediators/remediator.js';
import type { Edit } from '../../types/edit.js';
import { visibly } from '../../log-line.js';
import { editText } from './edit-text.js';
import { table, type Cell } from './table.js';
import type { Output, Style } from './terminal.js';

/** One remediator's part, as a record or a look tells of it. */
export interface Part {
  readonly remediator: string;
  readonly outcome: string;
  readonly edits: readonly Edit[];
  readonly warnings: readonly string[];
  readonly error: string | null;
  /** Null where nothing is recorded. */
  readonly recordId?: string | null;
}

const STYLES: Readonly<Record<string, Style>> = {
  failed: 'red',
  refused: 'yellow',
  contested: 'yellow',
  planned: 'cyan',
  applied: 'green',
  high: 'red',
  medium: 'yellow',
};

/** What comes of one resource: its id, to be copied, and a line for each change. */
export function resourceReport(out: Output, resourceId: string, parts: readonly Part[]): string {
  const rows = parts.filter(hasSomethingToSay).flatMap((part) => rowsOf(out, part));
  if (rows.length === 0) return '';
  const lines = table(['remediator', 'outcome', 'change'], rows, out.columns - INDENT.length);
  return `${out.style('bold', visibly(resourceId))}\n${indented(lines)}\n`;
}

function hasSomethingToSay({ outcome, edits, warnings, error }: Part): boolean {
  return outcome !== 'compliant' || edits.length > 0 || warnings.length > 0 || error !== null;
}

const INDENT = '  ';

export function indented(text: string): string {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => `${INDENT}${line}\n`)
    .join('');
}

function rowsOf(out: Output, { remediator, outcome, edits, warnings, error }: Part): readonly Cell[][] {
  const notes = [...(error === null ? [] : [error]), ...warnings.map((warning) => `warning: ${warning}`)];
  const texts = [...edits.map((edit) => `${editText(edit)} (${edit.reason})`), ...notes];
  const [first = '', ...others] = texts;
  return [[remediator, styled(out, outcome), first], ...others.map((text): Cell[] => ['', '', text])];
}

export function styled(out: Output, word: string): Cell {
  const style = STYLES[word];
  return style === undefined ? word : { text: word, style: (text) => out.style(style, text) };
}

/** What only a person can put right, the worst first. */
export function findingsReport(
  out: Output,
  findings: readonly (Pick<Finding, 'severity' | 'reason' | 'step'> & { readonly resourceId: string })[],
): string {
  const rows = findings.map(({ severity, resourceId, reason, step }) => [
    styled(out, severity),
    resourceId.split('/').slice(-1).join(''),
    `${reason} → ${step}`,
  ]);
  return rows.length === 0 ? '' : table(['severity', 'resource', 'finding'], rows, out.columns);
}

/** `1 vault`, `2 vaults`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
