import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  applyEdits,
  InapplicableEditError,
  isSameJson,
  pointerKeys,
  toPointer,
  valueAt,
} from '../../src/types/apply-edits.js';
import type { Edit } from '../../src/types/edit.js';
import type { Json, JsonObject } from '../../src/types/json.js';

const set = (path: string, after: Json): Edit => ({ op: 'set', path, before: null, after, reason: '' });
const add = (path: string, after: Json): Edit => ({ op: 'add', path, before: null, after, reason: '' });
const remove = (path: string, before: Json): Edit => ({
  op: 'remove',
  path,
  before,
  after: null,
  reason: '',
});

describe('one edit', () => {
  const rows: [string, JsonObject, Edit, JsonObject][] = [
    ['sets a value in place, keeping the order of keys', { a: 1, b: 2 }, set('/a', 3), { a: 3, b: 2 }],
    ['creates the parents that are missing', {}, set('/a/b/c', 1), { a: { b: { c: 1 } } }],
    ['takes a null parent for a missing one', { a: null }, set('/a/b', 1), { a: { b: 1 } }],
    ['sets inside a list by index', { a: [{ x: 1 }] }, set('/a/0/x', 2), { a: [{ x: 2 }] }],
    ['adds to a list', { a: [1] }, add('/a', 2), { a: [1, 2] }],
    ['adds to a list that is missing', {}, add('/a/b', 2), { a: { b: [2] } }],
    ['removes one of two equal members', { a: [1, 2, 1] }, remove('/a', 1), { a: [2, 1] }],
    [
      'removes an object whatever the order of its keys',
      { a: [{ x: 1, y: 2 }] },
      remove('/a', { y: 2, x: 1 }),
      { a: [] },
    ],
    ['reads ~1 and ~0', { 'a/b': { 'c~d': 1 } }, set('/a~1b/c~0d', 2), { 'a/b': { 'c~d': 2 } }],
  ];
  test.each(rows)('%s', (_name, document, edit, expected) => {
    const before = JSON.stringify(document);
    const result = applyEdits(document, [edit]);
    expect(JSON.stringify(result)).toBe(JSON.stringify(expected));
    expect(JSON.stringify(document)).toBe(before);
  });

  test('several edits go through the same objects, and change nothing of the document or of what is put in', () => {
    const document = { a: { b: { x: 1 }, c: { y: 2 } } };
    const put = { z: [1] };
    const edits = [set('/a/b/x', 2), set('/a/c', put), set('/a/c/w', 3), add('/a/c/z', 4), set('/a/d', 5)];
    const before = JSON.stringify([document, put]);
    expect(applyEdits(document, edits)).toEqual({ a: { b: { x: 2 }, c: { z: [1, 4], w: 3 }, d: 5 } });
    expect(JSON.stringify([document, put])).toBe(before);
  });

  test('a key named __proto__ is data', () => {
    const document = JSON.parse('{"actions":{"__proto__":{"type":"Http"}}}') as JsonObject;
    const result = applyEdits(document, [set('/actions/__proto__/x', 1)]);
    expect(JSON.stringify(result)).toBe('{"actions":{"__proto__":{"type":"Http","x":1}}}');
    expect(({} as Record<string, unknown>).x).toBeUndefined();
  });
});

describe('an edit that does not fit', () => {
  const rows: [string, JsonObject, Edit][] = [
    ['leads through a number', { a: 1 }, set('/a/b', 1)],
    ['names an index that is not there', { a: [] }, set('/a/0', 1)],
    ['adds to what is not a list', { a: {} }, add('/a', 1)],
    ['removes what is not there', { a: [1] }, remove('/a', 2)],
  ];
  test.each(rows)('%s', (_name, document, edit) => {
    expect(() => applyEdits(document, [edit])).toThrow(InapplicableEditError);
  });
});

test('a pointer is read as it was written, and finds what was set', () => {
  fc.assert(
    fc.property(fc.array(fc.string(), { minLength: 1 }), fc.integer(), (keys, value) => {
      const pointer = toPointer(keys);
      expect(pointerKeys(pointer)).toEqual(keys);
      expect(valueAt(applyEdits({}, [set(pointer, value)]), pointer)).toBe(value);
    }),
  );
});

test('JSON is the same as itself with its keys in another order, and not as itself with one more', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
      const object = value as JsonObject;
      const reversed = Object.fromEntries(Object.entries(object).reverse());
      expect(isSameJson(object, reversed)).toBe(true);
      expect(isSameJson(object, { ...object, [`${Object.keys(object).join('')}x`]: 1 })).toBe(false);
    }),
  );
});
