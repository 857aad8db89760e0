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

/** A finding as `GET /api/findings` gives it; see `src/engine/findings.ts`. */
export interface Finding {
  readonly id: string;
  readonly resourceId: string;
  /** Null where it is about no remediator's rule, such as a tag. */
  readonly remediator: string | null;
  readonly severity: 'high' | 'medium' | 'low';
  readonly reason: string;
  readonly step: string;
  readonly since: string;
}

/** What `GET /api/posture` gives; see `src/engine/posture.ts`. */
export interface Posture {
  readonly sweptAt: string | null;
  readonly scopes: readonly {
    readonly resources: number;
    readonly remediators: Readonly<Record<string, RemediatorPosture>>;
  }[];
}

export interface RemediatorPosture {
  readonly compliant: number;
  readonly drifted: number;
  readonly refused: number;
  readonly exempt: number;
  readonly findings: Readonly<Record<Finding['severity'], number>>;
}

/** Where the app answers: its URL, and the key that opens it where it asks for one. */
export type AppAccess = string | { readonly hostUrl: string; readonly key: string | null };

type Query = Readonly<Record<string, string>>;

/** Newest first. */
export async function fetchRecords(app: AppAccess, query: Query = {}): Promise<readonly AuditRecord[]> {
  return fetchAll<AuditRecord>(app, 'audit', 'records', query);
}

/** The worst first, and of those the oldest. */
export async function fetchFindings(app: AppAccess, query: Query = {}): Promise<readonly Finding[]> {
  return fetchAll<Finding>(app, 'findings', 'findings', query);
}

export async function fetchPosture(app: AppAccess): Promise<Posture> {
  return (await fetchJson(app, 'posture')) as Posture;
}

async function fetchAll<T>(
  app: AppAccess,
  route: string,
  member: string,
  query: Query,
): Promise<readonly T[]> {
  const all: T[] = [];
  for (let token: string | null = ''; token !== null;) {
    const more: Query = token === '' ? {} : { continuationToken: token };
    const search = new URLSearchParams({ limit: '1000', ...query, ...more });
    const page = (await fetchJson(app, `${route}?${search.toString()}`)) as {
      readonly [member: string]: unknown;
      readonly continuationToken: string | null;
    };
    all.push(...(page[member] as readonly T[]));
    token = page.continuationToken;
  }
  return all;
}

async function fetchJson(app: AppAccess, path: string): Promise<unknown> {
  const { hostUrl, key } = typeof app === 'string' ? { hostUrl: app, key: null } : app;
  const url = `${hostUrl}/api/${path}`;
  const answer = await fetch(url, key === null ? {} : { headers: { 'x-functions-key': key } });
  if (!answer.ok) throw new Error(`GET ${url} answered ${answer.status}: ${await answer.text()}`);
  return answer.json();
}

/** Asks until there is an answer other than null; null where the time runs out first. */
export async function until<T>(ask: () => Promise<T | null>, limitMs: number): Promise<T | null> {
  const end = Date.now() + limitMs;
  for (;;) {
    const answer = await ask();
    if (answer !== null) return answer;
    if (Date.now() > end) return null;
    await sleep(50);
  }
}
