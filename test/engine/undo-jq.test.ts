import { execFileSync, spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { undoJq } from '../../src/engine/undo/undo-jq.js';
import { applyEdits, toPointer } from '../../src/types/apply-edits.js';
import type { Edit } from '../../src/types/edit.js';
import type { JsonObject } from '../../src/types/json.js';

const plain = { sameness: 'exact', prepare: '.', finish: '.' } as const;

function run(program: string, document: unknown): unknown {
  return JSON.parse(
    execFileSync('jq', ['-c', program], { input: JSON.stringify(document), encoding: 'utf8' }),
  );
}

function complaintOf(program: string, document: unknown): string {
  const { status, stderr } = spawnSync('jq', [program], {
    input: JSON.stringify(document),
    encoding: 'utf8',
  });
  return status === 0 ? '' : stderr;
}

const set = (path: string, before: Edit['before'], after: Edit['after']): Edit => ({
  op: 'set',
  path,
  before,
  after,
  reason: 'r',
});
const add = (path: string, after: Edit['after']): Edit => ({
  op: 'add',
  path,
  before: null,
  after,
  reason: 'r',
});
const remove = (path: string, before: Edit['before']): Edit => ({
  op: 'remove',
  path,
  before,
  after: null,
  reason: 'r',
});

describe('the jq program that takes edits back', () => {
  test.each<[string, JsonObject, readonly Edit[], JsonObject]>([
    ['a value that was set', { a: { b: 2, c: 1 } }, [set('/a/b', 1, 2)], { a: { b: 1, c: 1 } }],
    ['a value that was not there', { a: { b: 2 } }, [set('/a/b', null, 2)], { a: {} }],
    ['what ARM has added to since', { i: { t: 'S', p: 1 } }, [set('/i', null, { t: 'S' })], {}],
    ['a member, and nobody else’s', { l: ['x', 'y', 'z'] }, [add('/l', 'y')], { l: ['x', 'z'] }],
    ['one of two equal members', { l: ['y', 'y'] }, [add('/l', 'y')], { l: ['y'] }],
    [
      'a list that was made for its member',
      { a: { t: 1, s: { l: ['o'] } } },
      [add('/a/s/l', 'o')],
      { a: { t: 1 } },
    ],
    ['a member that was taken out', { l: ['x'] }, [remove('/l', 'y')], { l: ['x', 'y'] }],
    [
      'what is not as it was left, only where nothing of it is left',
      { a: 1, b: 2 },
      [set('/a', 1, 5), set('/b', 1, 2)],
      { a: 1, b: 1 },
    ],
  ])('puts back %s', (_what, now, edits, before) => {
    expect(run(undoJq(edits, plain), now)).toEqual(before);
  });

  test.each<[string, JsonObject, readonly Edit[]]>([
    ['has changed since', { a: 3 }, [set('/a', 1, 2)]],
    ['has been undone already', { a: 1 }, [set('/a', 1, 2)]],
    ['is no list any more', { l: 'text' }, [add('/l', 'x')]],
    ['has a number where its parent was', { a: 1 }, [set('/a/b', 1, 2)]],
  ])('fails, so that nothing is sent, where the place %s', (_what, now, edits) => {
    expect(complaintOf(undoJq(edits, plain), now)).not.toBe('');
  });

  test('is nothing but data, whatever keys and values the edits have', () => {
    const text = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 12 }),
      fc.constantFrom('\\(input)', '"; halt; "', '$__loc__', "'", 'a/b~c', '\u0000', '\u007f'),
    );
    fc.assert(
      fc.property(text, text, text, text, (key, inner, before, after) => {
        fc.pre(before !== after && key !== '__proto__' && inner !== '__proto__');
        const original: JsonObject = { [key]: { [inner]: before, other: [before] } };
        fc.pre(inner !== 'other');
        const edits = [set(toPointer([key, inner]), before, after), add(toPointer([key, 'other']), after)];
        expect(run(undoJq(edits, plain), applyEdits(original, edits))).toEqual(original);
      }),
      { numRuns: 100 },
    );
  });
});
