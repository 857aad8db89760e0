import { DEEDS, findAbilities, NOT_TOLD, type Abilities } from './abilities.js';
import type { Api } from './api.js';
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
  let older: Reached<AuditRecord> = { listed: NOTHING_YET, token: null };

  /** What an earlier load still brings is out of date: false, and nothing is changed. */
  function put(of: number, change: Partial<Estate>): boolean {
    if (of !== run) return false;
    estate = { ...estate, ...change };
    onChange(estate);
    return true;
  }

  async function one<T>(route: string): Promise<Part<T>> {
    const answer = await api.get<T>(route);
    return answer.kind === 'ok'
      ? { kind: 'there', value: answer.body }
      : { kind: 'failed', why: whyNot(answer, route) };
  }

  /** What is wrong comes with 503. */
  async function health(): Promise<Part<Health>> {
    const answer = await api.get<Health>('health');
    if (answer.kind === 'problem' && answer.status === 503 && isHealth(answer.body))
      return { kind: 'there', value: answer.body };
    return answer.kind === 'ok'
      ? { kind: 'there', value: answer.body }
      : { kind: 'failed', why: whyNot(answer, 'health') };
  }

  async function records(of: number, from: Reached<AuditRecord>): Promise<void> {
    const list = { route: 'audit', member: 'records' };
    const most = from.listed.items.length + MOST_RECORDS;
    const known = estate.records.items.length;
    const reached = await loadList(api, list, from, most, (listed) =>
      isShorter(listed, known) ? of === run : put(of, { records: listed }),
    );
    if (of === run) older = reached;
  }

  async function list(of: number, name: 'findings' | 'resources'): Promise<void> {
    const from = { listed: NOTHING_YET, token: null };
    const known = estate[name].items.length;
    await loadList(api, { route: name, member: name }, from, ALL, (listed) =>
      isShorter(listed, known) ? of === run : put(of, { [name]: listed }),
    );
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
        list(of, 'findings'),
        records(of, { listed: NOTHING_YET, token: null }),
        one<Policy>('policy').then((policy) => put(of, { policy })),
        list(of, 'resources'),
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

function isHealth(body: unknown): body is Health {
  return typeof body === 'object' && body !== null && 'checks' in body;
}
