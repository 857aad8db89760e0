import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import type { Json, JsonObject } from '../../src/types/json.js';
import type { SecretExposure, WorkflowDocument } from '../../src/types/observation.js';
import { MAX_EXPOSURES, nextExposures } from '../../src/workflow/exposure.js';
import {
  connectionsRead,
  connectorAction,
  GET_SECRET,
  httpAction,
  KEY_VAULT_API,
  reference,
  workflowOf,
} from './workflow-of.js';

const KV = { apiId: KEY_VAULT_API, vaultName: 'payments' };
const read = connectionsRead({ c: KV });
const NOW = new Date('2026-03-01T12:00:00Z');
const LATER = new Date('2026-03-02T12:00:00Z');
const CHANGED = '2026-02-01T00:00:00.1234567Z';

function workflowWith(actions: Json, changedTime: Json = CHANGED): WorkflowDocument {
  const workflow = workflowOf({ connections: { keyvault: reference('c') }, actions });
  return { ...workflow, properties: { ...(workflow.properties as JsonObject), changedTime } };
}

const HIDDEN = { runtimeConfiguration: { secureData: { properties: ['outputs'] } } };
const open = connectorAction(GET_SECRET);
const hidden = connectorAction(GET_SECRET, 'keyvault', HIDDEN);
const pointer = (name: string) => `/properties/definition/actions/${name}`;
const exposure = (more: Partial<SecretExposure> = {}): SecretExposure => ({
  action: 'A',
  pointer: pointer('A'),
  vaultName: 'payments',
  secretName: 'db-password',
  openSince: '2026-02-01T00:00:00.123Z',
  repairedAt: null,
  runs: null,
  ...more,
});
const runs = { count: 3, isAtLeast: false, first: '2026-02-02T00:00:00Z' };
const shutAt = '2026-02-20T00:00:00.000Z';

describe('nextExposures', () => {
  const rows: readonly (readonly [string, readonly SecretExposure[], Json, readonly SecretExposure[]])[] = [
    ['compliant: what is hidden was never open', [], { A: hidden }, []],
    ['compliant: no secret', [], { A: connectorAction('/secrets') }, []],
    ['drifted: an open action', [], { A: open }, [exposure()]],
    [
      'an HTTP call of a secret, by its name in lower case',
      [],
      { A: httpAction({ method: 'GET', uri: 'https://kv1.vault.azure.net/secrets/API-Key' }) },
      [exposure({ vaultName: 'kv1', secretName: 'api-key' })],
    ],
    [
      'a secret whose name is not known',
      [],
      { A: connectorAction('/secrets/@{item()}/value') },
      [exposure({ secretName: null })],
    ],
    ['what a key decrypts', [], { A: connectorAction('/keys/k/decrypt') }, [exposure({ secretName: null })]],
    [
      'half-set: inputs alone, and a setting that is malformed',
      [],
      {
        A: connectorAction(GET_SECRET, 'keyvault', {
          runtimeConfiguration: { secureData: { properties: ['inputs'] } },
        }),
        B: connectorAction(GET_SECRET, 'keyvault', { runtimeConfiguration: 7 }),
      },
      [exposure(), exposure({ action: 'B', pointer: pointer('B') })],
    ],
    [
      'still open: nothing changes, its runs stay counted',
      [exposure({ runs })],
      { A: open },
      [exposure({ runs })],
    ],
    [
      'shut: repaired, and its runs are to be counted to the end',
      [exposure({ runs })],
      { A: hidden },
      [exposure({ repairedAt: NOW.toISOString() })],
    ],
    ['gone: repaired', [exposure()], {}, [exposure({ repairedAt: NOW.toISOString() })]],
    [
      'shut before: stays as it is',
      [exposure({ repairedAt: shutAt, runs })],
      { A: hidden },
      [exposure({ repairedAt: shutAt, runs })],
    ],
    [
      'open again: since the first time, and its runs are to be counted again',
      [exposure({ openSince: '2025-01-01T00:00:00.000Z', repairedAt: shutAt, runs })],
      { A: open },
      [exposure({ openSince: '2025-01-01T00:00:00.000Z' })],
    ],
    [
      'shut, and counted to be none: forgotten',
      [exposure({ repairedAt: shutAt, runs: { count: 0, isAtLeast: false, first: null } })],
      { A: hidden },
      [],
    ],
    [
      'open, and counted to be none so far: kept',
      [exposure({ runs: { count: 0, isAtLeast: false, first: null } })],
      { A: open },
      [exposure({ runs: { count: 0, isAtLeast: false, first: null } })],
    ],
    [
      'another secret in its place is another exposure',
      [exposure()],
      { A: connectorAction('/secrets/other/value') },
      [exposure({ repairedAt: NOW.toISOString() }), exposure({ secretName: 'other' })],
    ],
    [
      'another vault in its place is another exposure',
      [exposure({ vaultName: 'hr' })],
      { A: open },
      [exposure({ vaultName: 'hr', repairedAt: NOW.toISOString() }), exposure()],
    ],
    [
      'a vault that can be told now is filled in',
      [exposure({ vaultName: null, runs })],
      { A: open },
      [exposure({ runs })],
    ],
    [
      'an action in a loop',
      [],
      { Loop: { type: 'Foreach', actions: { A: open } } },
      [exposure({ pointer: pointer('Loop/actions/A') })],
    ],
    [
      'hostile: an action named __proto__',
      [],
      JSON.parse(`{"__proto__":${JSON.stringify(open)}}`) as Json,
      [exposure({ action: '__proto__', pointer: pointer('__proto__') })],
    ],
    ['hostile: no actions', [], 7, []],
  ];
  test.each(rows)('%s', (_, before, actions, expected) => {
    expect(nextExposures(before, workflowWith(actions), read, NOW)).toEqual(expected);
  });

  it('a vault that cannot be told for once is the one it was, not one that was shut before', () => {
    const before = [exposure({ vaultName: 'hr', repairedAt: shutAt, runs }), exposure({ runs })];
    expect(nextExposures(before, workflowWith({ A: open }), new Map(), NOW)).toBe(before);
  });

  const times: readonly (readonly [string, Json, string])[] = [
    ['the time of the last change', CHANGED, '2026-02-01T00:00:00.123Z'],
    ['a change in the future: now', '2027-01-01T00:00:00Z', NOW.toISOString()],
    ['no time of a change: now', null, NOW.toISOString()],
    ['a time that is none: now', 'soon', NOW.toISOString()],
  ];
  test.each(times)('open since %s', (_, changedTime, openSince) => {
    const [found] = nextExposures([], workflowWith({ A: open }, changedTime), read, NOW);
    expect(found?.openSince).toBe(openSince);
  });

  it('keeps what it knows where there is no room for more', () => {
    const before = Array.from({ length: MAX_EXPOSURES }, (_, i) =>
      exposure({ action: `B${i}`, pointer: pointer(`B${i}`), repairedAt: shutAt, runs }),
    );
    expect(nextExposures(before, workflowWith({ A: open }), read, NOW)).toBe(before);
  });

  it('is bounded, whatever a definition holds', () => {
    const actions = Object.fromEntries(Array.from({ length: 2000 }, (_, i) => [`A${i}`, open]));
    expect(nextExposures([], workflowWith(actions), read, NOW)).toHaveLength(MAX_EXPOSURES);
  });

  describe('laws', () => {
    const action = fc.constantFrom<Json>(open, hidden, connectorAction('/secrets/other/value'), {});
    const actions = fc.dictionary(fc.constantFrom('A', 'B', 'C'), action);

    it('the same workflow changes nothing twice', () => {
      fc.assert(
        fc.property(fc.array(actions, { maxLength: 5 }), (history) => {
          let known: readonly SecretExposure[] = [];
          for (const each of history) {
            known = nextExposures(known, workflowWith(each), read, NOW);
            expect(nextExposures(known, workflowWith(each), read, LATER)).toBe(known);
          }
        }),
      );
    });

    it('what was open once is known until it was shut and its runs are none', () => {
      fc.assert(
        fc.property(fc.array(actions, { maxLength: 5 }), (history) => {
          let known: readonly SecretExposure[] = [];
          for (const each of history) {
            const next = nextExposures(known, workflowWith(each), read, NOW);
            const keys = next.map((one) => `${one.pointer} ${one.secretName ?? ''}`);
            for (const one of known) expect(keys).toContain(`${one.pointer} ${one.secretName ?? ''}`);
            expect(new Set(keys).size).toBe(keys.length);
            known = next;
          }
        }),
      );
    });
  });
});
