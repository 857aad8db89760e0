import type { StoredRow } from '../table.js';

/** Compares the column of a row with a literal. */
type Condition = (row: StoredRow) => boolean;

export interface RowFilter {
  /** The one partition that it is about; null where it does not say. */
  readonly partition: string | null;
  readonly isWanted: Condition;
}

/** `name eq 'text'`: all that Holdfast's own queries are made of, joined by `and`. */
const CONDITION = /^(\w+) (eq|ge|gt|le|lt) (?:'((?:[^']|'')*)'|(-?\d+))$/;
const ONE_PARTITION = /^PartitionKey eq '((?:[^']|'')*)'$/;
const AND = / and (?=\w+ (?:eq|ge|gt|le|lt) (?:'|-?\d))/;

/**
 * The rows that an OData filter of Table Storage is about
 * (https://learn.microsoft.com/rest/api/storageservices/querying-tables-and-entities): comparisons joined by `and`,
 * with texts and whole numbers. A row without the column matches nothing, as there. Throws for any other filter.
 */
export function rowFilter(filter: string): RowFilter {
  const parts = partsOf(filter);
  const conditions = parts.map(conditionOf);
  const [only] = parts.map((part) => ONE_PARTITION.exec(part)?.[1]).filter((name) => name !== undefined);
  return {
    partition: only === undefined ? null : only.replaceAll("''", "'"),
    isWanted: (row) => conditions.every((condition) => condition(row)),
  };
}

/** ` and ` may stand within a text, which ends at the first quote that is not doubled. */
function partsOf(filter: string): readonly string[] {
  const parts: string[] = [];
  for (const piece of filter.split(AND)) {
    const last = parts.at(-1);
    if (last !== undefined && isWithinText(last)) parts[parts.length - 1] = `${last} and ${piece}`;
    else parts.push(piece);
  }
  return parts;
}

function isWithinText(part: string): boolean {
  return (part.split("'").length - 1) % 2 === 1;
}

function conditionOf(text: string): Condition {
  const [, name, operator = '', quoted, digits] = CONDITION.exec(text) ?? [];
  const holds = OPERATORS[operator];
  if (name === undefined || holds === undefined)
    throw new TypeError(`A filter of a table cannot be read: ${text}`);
  const column = name.charAt(0).toLowerCase() + name.slice(1);
  const wanted = digits === undefined ? (quoted ?? '').replaceAll("''", "'") : Number(digits);
  return (row) => {
    const value = row[column];
    if (typeof value === 'string' && typeof wanted === 'string') return holds(value, wanted);
    if (typeof value === 'number' && typeof wanted === 'number') return holds(value, wanted);
    return false;
  };
}

const OPERATORS: Readonly<Record<string, <T extends string | number>(a: T, b: T) => boolean>> = {
  eq: (a, b) => a === b,
  ge: (a, b) => a >= b,
  gt: (a, b) => a > b,
  le: (a, b) => a <= b,
  lt: (a, b) => a < b,
};
