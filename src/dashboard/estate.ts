import { DEEDS, findAbilities, NOT_TOLD, type Abilities } from './abilities.js';
import type { Answer, Api, Query } from './api.js';
import type {
  AuditRecord,
  Finding,
  FindingsPage,
  Health,
  Paged,
  Policy,
  Posture,
  RecordsPage,
  Resource,
  ResourcesPage,
} from './answers.js';

/** What is known of one thing that was asked for. `why` is a sentence. */
export type Part<T> =
  | { readonly kind: 'loading' }
  | { readonly kind: 'there'; readonly value: T }
  | { readonly kind: 'failed'; readonly why: string };

/** A list that arrives page by page. */
export interface Listed<T> {
  readonly items: readonly T[];
  readonly state: 'loading' | 'more' | 'all' | 'failed';
  /** Why it is not all there; null where it is, or may still come. */
  readonly why: string | null;
}

export interface Estate {
  readonly policy: Part<Policy>;
  readonly posture: Part<Posture>;
  readonly health: Part<Health>;
  readonly findings: Listed<Finding>;
  readonly records: Listed<AuditRecord>;
  readonly resources: Listed<Resource>;
  readonly abilities: Abilities;
}

const NOTHING: Listed<never> = { items: [], state: 'loading', why: null };
const LOADING = { kind: 'loading' } as const;

const EMPTY: Estate = {
  policy: LOADING,
  posture: LOADING,
  health: LOADING,
  findings: NOTHING,
  records: NOTHING,
  resources: NOTHING,
  abilities: Object.fromEntries(DEEDS.map((deed) => [deed, NOT_TOLD])) as unknown as Abilities,
};

/** A first page fills a table; those after it are the largest that the app gives. */
const FIRST_PAGE = 100;
const PAGE = 1000;
/** So many records are loaded by themselves; older ones where somebody asks for them. */
const MOST_RECORDS = 10_000;

export interface EstateLoader {
  readonly now: () => Estate;
  /** Asks for everything anew. */
  readonly load: () => Promise<void>;
  readonly loadOlder: () => Promise<void>;
}

/** Asks the app for what the page shows, and tells each time that something has come. */
export function createEstate(api: Api, onChange: (estate: Estate) => void): EstateLoader {
  let estate = EMPTY;
  let run = 0;
  let older: string | null = null;

  function put(change: Partial<Estate>, of: number): void {
    // What an earlier load still brings is out of date.
    if (of !== run) return;
    estate = { ...estate, ...change };
    onChange(estate);
  }

  async function one<T>(route: string): Promise<Part<T>> {
    const answer = await api.get<T>(route);
    // Health answers 503 with what is wrong.
    if (route === 'health' && answer.kind === 'problem') return { kind: 'there', value: answer.body as T };
    return answer.kind === 'ok'
      ? { kind: 'there', value: answer.body }
      : { kind: 'failed', why: whyNot(answer, route) };
  }

  async function list<P extends Paged, T>(
    route: string,
    itemsOf: (page: P) => readonly T[],
    from: Listed<T>,
    start: string | null,
    most: number,
    put: (listed: Listed<T>) => boolean,
  ): Promise<string | null> {
    const items = [...from.items];
    let token = start;
    do {
      const limit = items.length === 0 ? FIRST_PAGE : PAGE;
      const query: Query = { limit, continuationToken: token };
      const answer: Answer<P> = await api.get<P>(route, query);
      if (answer.kind !== 'ok') {
        put({ items: [...items], state: 'failed', why: whyNot(answer, route) });
        return token;
      }
      items.push(...itemsOf(answer.body));
      token = answer.body.continuationToken;
      const isEnd = token === null || items.length >= most;
      const state = token === null ? 'all' : isEnd ? 'more' : 'loading';
      if (!put({ items: [...items], state, why: null }) || isEnd) return token;
    } while (token !== null);
    return token;
  }

  async function records(of: number, from: Listed<AuditRecord>, start: string | null): Promise<void> {
    const most = from.items.length + MOST_RECORDS;
    const put1 = (records: Listed<AuditRecord>): boolean => {
      put({ records }, of);
      return of === run;
    };
    const token = await list<RecordsPage, AuditRecord>(
      'audit',
      (page) => page.records,
      from,
      start,
      most,
      put1,
    );
    if (of === run) older = token;
  }

  return {
    now: () => estate,
    async load() {
      run += 1;
      const of = run;
      const everything = Number.POSITIVE_INFINITY;
      await Promise.all([
        one<Posture>('posture').then((posture) => {
          put({ posture }, of);
        }),
        list<FindingsPage, Finding>(
          'findings',
          (page) => page.findings,
          NOTHING,
          null,
          everything,
          (findings) => {
            put({ findings }, of);
            return of === run;
          },
        ),
        records(of, NOTHING, null),
        one<Policy>('policy').then((policy) => {
          put({ policy }, of);
        }),
        list<ResourcesPage, Resource>(
          'resources',
          (page) => page.resources,
          NOTHING,
          null,
          everything,
          (resources) => {
            put({ resources }, of);
            return of === run;
          },
        ),
        findAbilities(api).then((abilities) => {
          put({ abilities }, of);
        }),
        one<Health>('health').then((health) => {
          put({ health }, of);
        }),
      ]);
    },
    async loadOlder() {
      if (older === null) return;
      const { records: before } = estate;
      put({ records: { ...before, state: 'loading' } }, run);
      await records(run, before, older);
    },
  };
}

export function whyNot(answer: Exclude<Answer<unknown>, { kind: 'ok' }>, route: string): string {
  return answer.kind === 'locked'
    ? `Your key does not open GET /api/${route}. Use a key of the whole function app (a host key).`
    : answer.why;
}
