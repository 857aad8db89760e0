import { guidOf } from '../random.js';

export interface StreamColumn {
  readonly name: string;
  /** `string`, `datetime`, `long`, `int`, `real`, `boolean` or `dynamic`. */
  readonly type: string;
}

/** A data collection rule, as far as who sends to it notices. */
export interface CollectionRule {
  /** The ARM id: who sends needs `Microsoft.Insights/Telemetry/Write` on it. */
  readonly id: string;
  /** `dcr-…`. */
  readonly immutableId: string;
  /** By name, e.g. `Custom-MyTable`. */
  readonly streams: Readonly<Record<string, readonly StreamColumn[]>>;
}

export type StoredCell = string | number | boolean | null;

/** A row as the table has it: a `dynamic` cell is its JSON text. */
export type StoredRow = Readonly<Record<string, StoredCell>>;

/** What comes in through the Logs Ingestion API. */
export class Ingestion {
  readonly #rules = new Map<string, CollectionRule>();
  readonly #rows = new Map<string, readonly StoredRow[]>();

  /** Gives the rule; its immutable id follows from the ARM id where none is given. */
  addRule(
    id: string,
    streams: CollectionRule['streams'],
    immutableId = `dcr-${guidOf(`rule:${id}`).replaceAll('-', '')}`,
  ): CollectionRule {
    const rule = { id, immutableId: immutableId.toLowerCase(), streams };
    this.#rules.set(rule.immutableId, rule);
    return rule;
  }

  removeRule(immutableId: string): void {
    this.#rules.delete(immutableId.toLowerCase());
  }

  rule(immutableId: string): CollectionRule | undefined {
    return this.#rules.get(immutableId.toLowerCase());
  }

  /** What came to a stream, of whichever rule, in the order in which it came. */
  rows(stream: string): readonly StoredRow[] {
    return this.#rows.get(stream) ?? [];
  }

  store(stream: string, rows: readonly StoredRow[]): void {
    this.#rows.set(stream, [...this.rows(stream), ...rows]);
  }

  /** Forgets what came; the rules stay. */
  clear(): void {
    this.#rows.clear();
  }
}
