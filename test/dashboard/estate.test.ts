import { describe, expect, it } from 'vitest';
import { findAbilities } from '../../src/dashboard/abilities.js';
import type { Answer, Api, Query } from '../../src/dashboard/api.js';
import { createEstate, type Estate } from '../../src/dashboard/estate.js';
import { aRecord } from '../state/records.js';

/** An app with so many records, which answers as the real one does; `failing` routes answer with a problem. */
function appWith(count: number, failing: ReadonlySet<string> = new Set()) {
  const records = Array.from({ length: count }, (_, i) => aRecord({ id: `record-${i}` }));
  const asked: (readonly [string, Query])[] = [];
  const get = (route: string, query: Query = {}): Answer<unknown> => {
    asked.push([route, query]);
    if (failing.has(route)) return { kind: 'problem', status: 503, why: `${route} is down.`, body: {} };
    const from = Number(query.continuationToken ?? 0);
    const to = from + Number(query.limit ?? 0);
    const continuationToken = to < count ? String(to) : null;
    const bodies: Readonly<Record<string, unknown>> = {
      audit: { records: records.slice(from, to), continuationToken },
      findings: { findings: [], continuationToken: null },
      resources: { resources: [], continuationToken: null },
    };
    return { kind: 'ok', status: 200, body: bodies[route] ?? {} };
  };
  const api = {
    get: (route: string, query?: Query) => Promise.resolve(get(route, query)),
    post: () => Promise.resolve({ kind: 'problem', status: 400, why: 'Bad input.', body: {} }),
  } as unknown as Api;
  return { api, asked, failing };
}

const limitsOf = (asked: readonly (readonly [string, Query])[]): readonly unknown[] =>
  asked.filter(([route]) => route === 'audit').map(([, { limit }]) => limit);

describe('what the page loads', () => {
  it('is a first page at once, then the rest by the thousand, as it comes', async () => {
    const { api, asked } = appWith(2500);
    const seen: number[] = [];
    const estate = createEstate(api, ({ records }) => seen.push(records.items.length));
    await estate.load();
    expect(limitsOf(asked)).toEqual([100, 1000, 1000, 1000]);
    expect([...new Set(seen)]).toEqual([0, 100, 1100, 2100, 2500]);
    expect(estate.now().records).toMatchObject({ state: 'all', why: null });
  });

  it('ends at ten thousand records or soon after, and goes on where somebody asks for older ones', async () => {
    const { api } = appWith(12_345);
    const estate = createEstate(api, () => undefined);
    await estate.load();
    expect(estate.now().records).toMatchObject({ state: 'more' });
    const { length } = estate.now().records.items;
    expect(length).toBe(10_100);
    await estate.loadOlder();
    const { items, state } = estate.now().records;
    expect(state).toBe('all');
    expect(items.map(({ id }) => id)).toEqual(Array.from({ length: 12_345 }, (_, i) => `record-${i}`));
    await estate.loadOlder();
    expect(estate.now().records.items).toHaveLength(12_345);
  });

  it('does not look emptied while it is loaded anew', async () => {
    const { api } = appWith(2500);
    const seen: number[] = [];
    const estate = createEstate(api, ({ records }) => seen.push(records.items.length));
    await estate.load();
    const first = seen.length;
    await estate.load();
    expect(new Set(seen.slice(first))).toEqual(new Set([2500]));
    expect(estate.now().records.state).toBe('all');
  });

  it('keeps what has come where the rest does not, and says why', async () => {
    const { api, asked } = appWith(2500);
    const breaking: Api = {
      ...api,
      get: (route, query) =>
        asked.length > 0 && query?.continuationToken === '1100'
          ? Promise.resolve({ kind: 'problem', status: 503, why: 'Storage is down.', body: {} })
          : api.get(route, query),
    };
    const estate = createEstate(breaking, () => undefined);
    await estate.load();
    expect(estate.now().records).toMatchObject({ state: 'failed', why: 'Storage is down.' });
    expect(estate.now().records.items).toHaveLength(1100);
  });

  it('is part by part: what fails keeps nothing else from being shown', async () => {
    const { api } = appWith(3, new Set(['posture', 'findings']));
    const estate = createEstate(api, () => undefined);
    await estate.load();
    expect(estate.now().posture).toEqual({ kind: 'failed', why: 'posture is down.' });
    expect(estate.now().findings).toMatchObject({ state: 'failed', why: 'findings is down.' });
    expect(estate.now().records.items).toHaveLength(3);
  });

  it('is the latest: what an earlier load still brings is left out', async () => {
    const { api } = appWith(3);
    let release: (() => void) | undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    let isFirst = true;
    const slow: Api = {
      ...api,
      get: async (route, query) => {
        const waits = isFirst && route === 'audit';
        if (waits) {
          isFirst = false;
          await held;
          return {
            kind: 'ok',
            status: 200,
            body: { records: [aRecord({ id: 'old' })], continuationToken: null } as never,
          };
        }
        return api.get(route, query);
      },
    };
    const states: Estate[] = [];
    const estate = createEstate(slow, (now) => states.push(now));
    const first = estate.load();
    await estate.load();
    release?.();
    await first;
    expect(estate.now().records.items.map(({ id }) => id)).toEqual(['record-0', 'record-1', 'record-2']);
  });
});

describe('what somebody may', () => {
  const answering = (answer: Answer<unknown>): Api =>
    ({ get: () => Promise.resolve(answer), post: () => Promise.resolve(answer) }) as unknown as Api;

  it.each<[string, Answer<unknown>, true | string]>([
    ['may where bad input is refused', { kind: 'problem', status: 400, why: 'x', body: {} }, true],
    ['may not where the key does not open', { kind: 'locked' }, 'Your key does not open POST /api/approve'],
    [
      'may not where the role is missing',
      { kind: 'problem', status: 403, why: 'No role.', body: {} },
      'No role.',
    ],
    [
      'may not where the app has another trouble',
      { kind: 'problem', status: 500, why: 'Bad settings.', body: {} },
      'Bad settings.',
    ],
    [
      'may not where no answer comes',
      { kind: 'unreachable', why: 'It is switched off.' },
      'It is switched off.',
    ],
    [
      'may not where the answer is another than is known',
      { kind: 'ok', status: 200, body: {} },
      'did not answer as this page knows it',
    ],
  ])('%s', async (_name, answer, expected) => {
    const { approve } = await findAbilities(answering(answer));
    if (expected === true) expect(approve).toEqual({ may: true });
    else expect(approve.may ? '' : approve.why).toContain(expected);
  });

  it('is found out anew with each load, for a route may have been down', async () => {
    const { api } = appWith(3);
    let isDown = true;
    const starting = {
      ...api,
      post: () =>
        Promise.resolve(
          isDown
            ? { kind: 'unreachable', why: 'It is starting.' }
            : { kind: 'problem', status: 400, why: 'Bad input.', body: {} },
        ),
    } as unknown as Api;
    const estate = createEstate(starting, () => undefined);
    await estate.load();
    expect(estate.now().abilities.remediate).toEqual({ may: false, why: 'It is starting.' });
    isDown = false;
    await estate.load();
    expect(estate.now().abilities.remediate).toEqual({ may: true });
  });

  it('is found out without anything that a route would take', async () => {
    const sent: (readonly [string, unknown])[] = [];
    const api = {
      get: (route: string, query?: Query) => {
        sent.push([route, query ?? null]);
        return Promise.resolve({ kind: 'locked' });
      },
      post: (route: string, body: unknown) => {
        sent.push([route, body]);
        return Promise.resolve({ kind: 'locked' });
      },
    } as unknown as Api;
    await findAbilities(api);
    // None names a record, a finding or a resource; replaying dead letters, which takes an empty body, is not among them.
    expect(sent).toEqual([
      ['remediate', {}],
      ['approve', {}],
      ['findings/accept', {}],
      ['audit/-/undo', null],
      ['exemption', null],
      ['secret-flow', null],
    ]);
  });
});
