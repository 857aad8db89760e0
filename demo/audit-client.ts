import { setTimeout as sleep } from 'node:timers/promises';

export interface Edit {
  readonly op: 'set' | 'add' | 'remove';
  readonly path: string;
  readonly before: unknown;
  readonly after: unknown;
  readonly reason: string;
}

/** A record as `GET /api/audit` gives it; see `src/types/record.ts`. */
export interface AuditRecord {
  readonly id: string;
  readonly writeId: string;
  readonly time: string;
  readonly trigger: string;
  readonly actor: { readonly name: string | null } | null;
  readonly resourceId: string;
  readonly remediator: string;
  readonly outcome: string;
  readonly edits: readonly Edit[];
  readonly warnings: readonly string[];
  readonly error: string | null;
}

export async function fetchRecords(
  hostUrl: string,
  query: Readonly<Record<string, string>> = {},
): Promise<readonly AuditRecord[]> {
  const records: AuditRecord[] = [];
  for (let token: string | null = ''; token !== null;) {
    const search = new URLSearchParams({
      limit: '1000',
      ...query,
      ...(token === '' ? {} : { continuationToken: token }),
    });
    const answer = await fetch(`${hostUrl}/api/audit?${search.toString()}`);
    if (!answer.ok) throw new Error(`GET /api/audit answered ${answer.status}: ${await answer.text()}`);
    const page = (await answer.json()) as { records: AuditRecord[]; continuationToken: string | null };
    records.push(...page.records);
    token = page.continuationToken;
  }
  return records;
}

/** Asks until there is an answer other than null; null where the time runs out first. */
export async function until<T>(ask: () => Promise<T | null>, limitMs: number): Promise<T | null> {
  const end = Date.now() + limitMs;
  for (;;) {
    const answer = await ask();
    if (answer !== null) return answer;
    if (Date.now() > end) return null;
    await sleep(25);
  }
}
