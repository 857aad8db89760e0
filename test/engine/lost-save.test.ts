import { describe, expect, test } from 'vitest';
import { lostSaveAmong, type VersionMark } from '../../src/engine/lost-save/lost-save.js';
import { evidenceDigest } from '../../src/engine/record/record-digest.js';
import type { JsonObject } from '../../src/types/json.js';

/** A version: `n` counts saves, so that a later one has the smaller number. */
const save = (n: number, content: string, changedTime = `2026-11-26T12:00:0${n}.0000000Z`): JsonObject => ({
  properties: {
    version: String(900 - n),
    changedTime,
    definition: { content },
    parameters: {},
    state: 'Enabled',
  },
});
const markOf = ({ properties }: JsonObject): VersionMark => properties as unknown as VersionMark;
const digest = evidenceDigest('workflow', save(0, 'ours'));

const base = save(1, 'base');
const among = (
  versions: readonly JsonObject[],
  own: JsonObject | null,
  from = base,
  state: string | null = null,
) => lostSaveAmong(versions, { base: markOf(from), own: own === null ? null : markOf(own), digest, state });

describe('a save between the base and ours', () => {
  test.each<[string, readonly JsonObject[], JsonObject, object]>([
    ['there is none', [save(2, 'ours'), base], save(2, 'ours'), { kind: 'none' }],
    [
      'there is one',
      [save(3, 'ours'), save(2, 'theirs'), base],
      save(3, 'ours'),
      { kind: 'lost', save: { version: '898' }, own: '897', isCovered: false },
    ],
    [
      'of several the newest counts',
      [save(4, 'ours'), save(3, 'b'), save(2, 'a'), base],
      save(4, 'ours'),
      { kind: 'lost', save: { version: '897' } },
    ],
    [
      'the list is in another order',
      [base, save(2, 'theirs'), save(3, 'ours')],
      save(3, 'ours'),
      { kind: 'lost', save: { version: '898' } },
    ],
    [
      'somebody has saved since',
      [save(4, 'later'), save(3, 'ours'), save(2, 'theirs'), base],
      save(3, 'ours'),
      { kind: 'lost', isCovered: true },
    ],
    [
      'what was saved is what stood there',
      [save(3, 'ours'), save(2, 'base'), base],
      save(3, 'ours'),
      { kind: 'none' },
    ],
    [
      'an earlier attempt of the same write is ours',
      [save(3, 'ours'), save(2, 'ours'), base],
      save(3, 'ours'),
      { kind: 'none' },
    ],
    [
      'older versions are of no interest',
      [save(2, 'ours'), base, save(0, 'old')],
      save(2, 'ours'),
      { kind: 'none' },
    ],
    ['our own is not in it yet', [save(2, 'theirs'), base], save(3, 'ours'), { kind: 'unseen' }],
    [
      'the base is not on the page any more',
      [save(3, 'ours'), save(2, 'theirs')],
      save(3, 'ours'),
      { kind: 'lost', save: { version: '898' } },
    ],
  ])('%s', (_what, versions, own, found) => {
    expect(among(versions, own)).toMatchObject(found);
  });

  const switched = (version: JsonObject, changedTime: string, state = 'Disabled'): JsonObject => ({
    properties: { ...(version.properties as JsonObject), changedTime, state },
  });
  const AFTER_READ = '2026-11-26T12:00:01.5000000Z';
  const AFTER_OURS = '2026-11-26T12:00:05.0000000Z';

  test.each<[string, readonly JsonObject[], object]>([
    [
      'the base was switched off after it was read',
      [save(2, 'ours'), switched(base, AFTER_READ)],
      { kind: 'lost', save: { version: '899', changedTime: AFTER_READ, isSwitch: true }, own: '898' },
    ],
    [
      'the base was switched off and on again',
      [save(2, 'ours'), switched(base, AFTER_READ, 'Enabled')],
      { kind: 'none' },
    ],
    [
      'a save after the base was switched off counts more',
      [save(3, 'ours'), save(2, 'theirs'), switched(base, AFTER_READ)],
      { kind: 'lost', save: { version: '898' } },
    ],
    [
      'somebody has switched ours since, and that counts',
      [switched(save(2, 'ours'), AFTER_OURS, 'Enabled'), switched(base, AFTER_READ)],
      { kind: 'none' },
    ],
    ['only ours was switched off', [switched(save(2, 'ours'), AFTER_OURS), base], { kind: 'none' }],
  ])('that made no version: %s', (_what, versions, found) => {
    const ours = versions.length === 3 ? save(3, 'ours') : save(2, 'ours');
    expect(among(versions, ours)).toMatchObject(found);
  });

  test('is found by what our write was to be, where its version is not known', () => {
    expect(among([save(3, 'ours'), save(2, 'theirs'), base], null)).toMatchObject({
      kind: 'lost',
      own: '897',
    });
    expect(among([save(2, 'theirs'), base], null)).toEqual({ kind: 'unseen' });
  });

  test.each([
    ['is as our write left it', 'Enabled', 'Enabled', '2026-11-26T12:00:03.0000000Z'],
    [
      'was switched off since',
      'Disabled',
      'Enabled',
      (base.properties as { changedTime: string }).changedTime,
    ],
    ['may have been switched off since', 'Disabled', null, AFTER_OURS],
  ])('where only what our write was to be is known, and the workflow %s', (_what, now, written, ownAt) => {
    const ours = now === 'Enabled' ? save(3, 'ours') : switched(save(3, 'ours'), AFTER_OURS, now);
    const found = among([ours, save(2, 'theirs'), base], null, base, written);
    expect(found).toMatchObject({ kind: 'lost', own: '897', ownAt });
  });

  test('and the base within one moment is told by its number, and by what milliseconds do not show', () => {
    const at = '2026-11-26T12:00:00Z';
    const [before, one, two, three] = [
      save(0, 'old', at),
      save(1, 'base', at),
      save(2, 'theirs', at),
      save(3, 'ours', at),
    ];
    expect(among([three, two, one, before], three, one)).toMatchObject({
      kind: 'lost',
      save: { version: '898' },
    });
    const early = save(5, 'base', '2026-11-26T12:00:00.0000001Z');
    const late = save(6, 'theirs', '2026-11-26T12:00:00.00000020Z');
    expect(
      among([save(7, 'ours', '2026-11-26T12:00:00.0000003Z'), late, early], save(7, 'ours'), early),
    ).toMatchObject({ kind: 'lost' });
  });

  test('that only switched it off, or changed who may call it, is lost, too', () => {
    const off: JsonObject = {
      properties: { ...(save(2, 'base').properties as JsonObject), state: 'Disabled' },
    };
    expect(among([save(3, 'ours'), off, base], save(3, 'ours'))).toMatchObject({ kind: 'lost' });
  });
});
