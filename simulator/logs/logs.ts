import { guidOf } from '../random.js';

export interface Workspace {
  /** The ARM id, as it was given. */
  readonly id: string;
  /** The workspace id of the query API, a GUID. */
  readonly customerId: string;
}

export type Cell = string | number | boolean | null;

export interface Column {
  readonly name: string;
  /** Of Kusto, e.g. `string`, `datetime`, `long`, `dynamic`. */
  readonly type: string;
}

/** What a query gives. */
export interface LogTable {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Cell[])[];
}

export interface LogQuery {
  /** As it came; the simulator does not read it. */
  readonly text: string;
  readonly timespan: string | null;
  /** The ARM id of the workspace, or of the resource whose logs are asked for. */
  readonly target: string;
}

/** A table; or what Azure says to a query that it answers in part. */
export type LogAnswer = LogTable & {
  readonly partialError?: { readonly code: string; readonly message: string };
};

export type AnswerQuery = (query: LogQuery) => LogAnswer | undefined;

const RECOVERABLE_MS = 14 * 86_400_000;

/**
 * Log Analytics' workspaces. What is in them is known as answers only: no KQL is read here, so a test says what a
 * query gives, and finds the text of the query in the journal.
 */
export class Logs {
  readonly #workspaces = new Map<string, Workspace>();
  readonly #deleted = new Map<string, number>();
  #answers: readonly AnswerQuery[] = [];

  /** Gives the workspace; its customer id follows from the resource id where none is given. */
  addWorkspace(id: string, customerId = guidOf(`workspace:${id}`)): Workspace {
    const workspace = { id, customerId: customerId.toLowerCase() };
    this.#workspaces.set(id.toLowerCase(), workspace);
    return workspace;
  }

  /** It may be had back for 14 days: https://learn.microsoft.com/rest/api/loganalytics/workspaces/delete */
  softDelete(id: string, now: number): void {
    this.#workspaces.delete(id.toLowerCase());
    this.#deleted.set(id.toLowerCase(), now);
  }

  recover(id: string): void {
    this.#deleted.delete(id.toLowerCase());
  }

  /** The ids, in lower case, of the workspaces that may still be had back. */
  deleted(now: number): readonly string[] {
    return [...this.#deleted].filter(([, since]) => now - since < RECOVERABLE_MS).map(([id]) => id);
  }

  /** By its ARM id or its customer id. */
  workspace(reference: string): Workspace | undefined {
    const wanted = reference.toLowerCase();
    const byId = this.#workspaces.get(wanted);
    return byId ?? [...this.#workspaces.values()].find(({ customerId }) => customerId === wanted);
  }

  /** What queries give from now on: the newest that has an answer gives it. */
  answer(answer: AnswerQuery): void {
    this.#answers = [answer, ...this.#answers];
  }

  /** The same table to each query of a target (ARM id) whose text names `table`, e.g. `AZKVAuditLogs`. */
  answerTable(target: string, table: string, answer: LogAnswer): void {
    const named = new RegExp(`\\b${table.replace(/\W/g, '')}\\b`, 'i');
    this.answer((query) => {
      const isMeant = query.target.toLowerCase() === target.toLowerCase() && named.test(query.text);
      return isMeant ? answer : undefined;
    });
  }

  /** Forgets every answer; the workspaces stay. */
  clear(): void {
    this.#answers = [];
  }

  /** Undefined where nobody said what it gives. */
  answerTo(query: LogQuery): LogAnswer | undefined {
    for (const answer of this.#answers) {
      const given = answer(query);
      if (given !== undefined) return given;
    }
    return undefined;
  }
}
