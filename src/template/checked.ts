import type { Finding } from '../remediators/remediator.js';
import type { Edit } from '../types/edit.js';
import type { DocumentKind } from './kind.js';
import type { RuleId } from './rules.js';

/** Something that is wrong in a file. No value that stands in the file is in it. */
export interface CheckFinding {
  readonly rule: RuleId;
  readonly severity: Finding['severity'];
  /** What is wrong: a sentence. */
  readonly message: string;
  /** What to do about it: a sentence. */
  readonly step: string;
  /** Of which resource it is, as the file names that: `workflow "Block-User"`. */
  readonly resource: string;
  /** JSON pointer of the place in the file that it is about. */
  readonly pointer: string;
  /** Tells it from the rule's other findings on the resource, wherever in the file that stands. */
  readonly about: string;
  /** How it is mended: edits of the file; empty where only a person can. */
  readonly edits: readonly Edit[];
  /** Why it is not mended here; null where it is. */
  readonly obstacle: string | null;
  /** What to know about the mending. */
  readonly warnings: readonly string[];
}

/** Something of which the file does not say whether it is wrong: a deployment decides. */
export interface Undecided extends Pick<CheckFinding, 'rule' | 'message' | 'resource' | 'pointer' | 'about'> {
  readonly step: string;
}

/** What a check has come to. */
export interface Checked {
  readonly kind: DocumentKind;
  readonly findings: readonly CheckFinding[];
  readonly undecided: readonly Undecided[];
  /** Findings that a tag exempts. */
  readonly exempt: number;
}

export type Part = Omit<Checked, 'kind'>;

export const NOTHING: Part = { findings: [], undecided: [], exempt: 0 };

export function together(parts: readonly Part[]): Part {
  return {
    findings: parts.flatMap(({ findings }) => findings),
    undecided: parts.flatMap(({ undecided }) => undecided),
    exempt: parts.reduce((sum, { exempt }) => sum + exempt, 0),
  };
}
