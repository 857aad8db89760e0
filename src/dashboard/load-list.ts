import type { Answer, Api, Query } from './api.js';
import type { Paged } from './answers.js';

/** A list that arrives page by page. */
export interface Listed<T> {
  readonly items: readonly T[];
  readonly state: 'loading' | 'more' | 'all' | 'failed';
  /** Why it is not all there, as a sentence; null where it is, or may still come. */
  readonly why: string | null;
}

export const NOTHING_YET: Listed<never> = { items: [], state: 'loading', why: null };

/** Where a list goes on: null at its beginning, and after its end. */
export interface Reached<T> {
  readonly listed: Listed<T>;
  readonly token: string | null;
}

/** Which list: the route that gives it, the member of its answer that holds it, and which part of it. */
export interface ListOf {
  readonly route: string;
  readonly member: string;
  readonly query?: Query;
}

/** A first page fills a table; those after it are the largest that the app gives. */
const FIRST_PAGE = 100;
const PAGE = 1000;

/**
 * Loads a list, going on from what there is, until it ends or holds `most`. `onPage` is told of each page as it comes,
 * and ends the loading by answering false.
 */
export async function loadList<T>(
  api: Api,
  { route, member, query = {} }: ListOf,
  from: Reached<T>,
  most: number,
  onPage: (listed: Listed<T>) => boolean,
): Promise<Reached<T>> {
  let items = from.listed.items;
  let token = from.token;
  for (;;) {
    const limit = items.length === 0 ? FIRST_PAGE : PAGE;
    const answer = await api.get<Paged & Readonly<Record<string, unknown>>>(route, {
      ...query,
      limit,
      continuationToken: token,
    });
    if (answer.kind !== 'ok') {
      const listed = { items, state: 'failed', why: whyNot(answer, route) } as const;
      onPage(listed);
      return { listed, token };
    }
    items = [...items, ...(answer.body[member] as readonly T[])];
    token = answer.body.continuationToken;
    const state = token === null ? 'all' : items.length >= most ? 'more' : 'loading';
    const listed: Listed<T> = { items, state, why: null };
    if (!onPage(listed) || state !== 'loading') return { listed, token };
  }
}

export function whyNot(answer: Exclude<Answer<unknown>, { kind: 'ok' }>, route: string): string {
  return answer.kind === 'locked'
    ? `Your key does not open GET /api/${route}. Use a key of the whole function app (a host key).`
    : answer.why;
}
