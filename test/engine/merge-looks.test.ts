import { describe, expect, test } from 'vitest';
import type { Look } from '../../src/engine/look/look.js';
import { canMerge, mergeLooks } from '../../src/engine/look/merge-looks.js';
import { vaultId } from './fake-world.js';
import { lookOf } from './look-of.js';

const event = (more: Partial<Look> = {}): Look => lookOf(vaultId(), more);

test.each<[string, Partial<Look>, boolean]>([
  ['two events', {}, true],
  ['an event of what belongs to it', { isOfSurroundings: true }, true],
  ['an event of another resource', { id: vaultId('kv-two') }, false],
  ['a sweep', { trigger: 'sweep' }, false],
  ['a person', { trigger: 'http' }, false],
  ['who asks by name', { askedForByName: true }, false],
  ['a dry run', { dryRun: true }, false],
  ['some remediators', { remediators: ['vault-firewall'] }, false],
])('with %s', (_name, more, expected) => {
  expect(canMerge(event(), event(more))).toBe(expected);
  expect(canMerge(event(more), event())).toBe(expected);
});

describe('the look for both', () => {
  const alice = { id: 'a', name: 'alice', ip: null };
  const early = event({ causedAt: '2026-11-23T12:00:00Z', correlationId: 'early', actor: alice });
  const late = event({ causedAt: '2026-11-23T12:00:01.5Z', correlationId: 'late' });

  test.each([
    ['in order', early, late],
    ['out of order', late, early],
  ])('is for who made the later change: %s', (_name, one, other) => {
    expect(mergeLooks(one, other)).toMatchObject({
      correlationId: 'late',
      actor: null,
      causedAt: late.causedAt,
    });
  });

  test('is for who came later, where nothing says when; what is known of the time stays', () => {
    expect(mergeLooks(early, event({ correlationId: 'other' }))).toMatchObject({
      correlationId: 'other',
      causedAt: early.causedAt,
    });
  });

  test('looks at everything that either is to look at', () => {
    expect(mergeLooks(event({ isOfSurroundings: true }), late).isOfSurroundings).toBe(true);
    expect(mergeLooks(early, event({ isOfSurroundings: true })).isOfSurroundings).toBe(true);
    expect(mergeLooks(early, late).isOfSurroundings).toBe(false);
  });
});
