import { DEEDS, findAbilities, NOT_TOLD, type Abilities } from './abilities.js';
import type { Answer, Api } from './api.js';
import type { AuditRecord, Finding, Health, Policy, Posture, Resource } from './answers.js';
import { loadList, NOTHING_YET, whyNot, type Listed, type Reached } from './load-list.js';

/** What is known of one thing that was asked for. `why` is a sentence. */
export type Part<T> =
  | { readonly kind: 'loading' }
  | { readonly kind: 'there'; readonly value: T }
  | { readonly kind: 'failed'; readonly why: string };

/** All that the page shows, as far as it has come. */
export interface Estate {
  readonly policy: Part<Policy>;
  readonly posture: Part<Posture>;
  readonly health: Part<Health>;
  readonly findings: Listed<Finding>;
  readonly records: Listed<AuditRecord>;
  readonly resources: Listed<Resource>;
  readonly abilities: Abilities;
}

const LOADING = { kind: 'loading' } as const;
const NOBODY_KNOWS = Object.fromEntries(DEEDS.map((deed) => [deed, NOT_TOLD])) as unknown as Abilities;

const EMPTY: Estate = {
  policy: LOADING,
  posture: LOADING,
  health: LOADING,
  findings: NOTHING_YET,
  records: NOTHING_YET,
  resources: NOTHING_YET,
  abilities: NOBODY_KNOWS,
};

const LIST_ROUTES = { findings: 'findings', records: 'audit', resources: 'resources' } as const;
const BEGINNING: Reached<never> = { listed: NOTHING_YET, token: null };
const ALL = Number.POSITIVE_INFINITY;
/** So many records are loaded by themselves; older ones where somebody asks for them. */
const MOST_RECORDS = 10_000;

export interface EstateLoader {
  readonly now: () => Estate;
  /** Asks for everything anew; never rejects. */
  readonly load: () => Promise<void>;
  readonly loadOlder: () => Promise<void>;
}

/** Asks the app for what the page shows, and tells each time that something has come. */
export function createEstate(api: Api, onChange: (estate: Estate) => void): EstateLoader {
  let estate = EMPTY;
  let run = 0;
  let older: Reached<AuditRecord> = BEGINNING;

  /** What an earlier load still brings is out of date: false, and nothing is changed. */
  function put(of: number, change: Partial<Estate>): boolean {
    if (of !== run) return false;
    estate = { ...estate, ...change };
    onChange(estate);
    return true;
  }

  async function one<T>(route: string): Promise<Part<T>> {
    return partOf(await api.get<T>(route), route);
  }

  /** What is wrong comes with 503. */
  async function health(): Promise<Part<Health>> {
    const answer = await api.get<Health>('health');
    return answer.kind === 'problem' && answer.status === 503 && isHealth(answer.body)
      ? { kind: 'there', value: answer.body }
      : partOf(answer, 'health');
  }

  function list<T>(
    of: number,
    name: keyof typeof LIST_ROUTES,
    from: Reached<T>,
    most: number,
  ): Promise<Reached<T>> {
    const known = estate[name].items.length;
    return loadList(api, { route: LIST_ROUTES[name], member: name }, from, most, (listed) =>
      isShorter(listed, known) ? of === run : put(of, { [name]: listed }),
    );
  }

  async function records(of: number, from: Reached<AuditRecord>): Promise<void> {
    const reached = await list(of, 'records', from, from.listed.items.length + MOST_RECORDS);
    if (of === run) older = reached;
  }

  async function abilities(of: number): Promise<void> {
    put(of, { abilities: await findAbilities(api) });
  }

  return {
    now: () => estate,
    async load() {
      run += 1;
      const of = run;
      await Promise.all([
        one<Posture>('posture').then((posture) => put(of, { posture })),
        list(of, 'findings', BEGINNING, ALL),
        records(of, BEGINNING),
        one<Policy>('policy').then((policy) => put(of, { policy })),
        list(of, 'resources', BEGINNING, ALL),
        abilities(of),
        health().then((found) => put(of, { health: found })),
      ]);
    },
    async loadOlder() {
      const of = run;
      if (older.token === null) return;
      put(of, { records: { ...estate.records, state: 'loading' } });
      await records(of, older);
    },
  };
}

/** A list that is loaded anew is shown once it is as long as what it takes the place of: until then it would look emptied. */
function isShorter({ items, state }: Listed<unknown>, known: number): boolean {
  return state === 'loading' && items.length < known;
}

function partOf<T>(answer: Answer<T>, route: string): Part<T> {
  return answer.kind === 'ok'
    ? { kind: 'there', value: answer.body }
    : { kind: 'failed', why: whyNot(answer, route) };
}

function isHealth(body: unknown): body is Health {
  return typeof body === 'object' && body !== null && 'checks' in body;
}
