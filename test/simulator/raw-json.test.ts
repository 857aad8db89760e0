import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arrayText, itemsOf, membersOf, objectText, spelledAs } from '../../simulator/raw-json.js';

const spaced = fc
  .tuple(fc.json(), fc.constantFrom(undefined, 1, '\t', '   '))
  .map(([text, indent]) => JSON.stringify(JSON.parse(text), null, indent));
const object = fc.dictionary(fc.string(), spaced, { noNullPrototype: true });

describe('members of an object text', () => {
  it('are the texts between the commas, for every object', () => {
    fc.assert(
      fc.property(object, fc.constantFrom('', ' ', '\n\t '), (values, gap) => {
        const entries = Object.entries(values);
        const text = `{${gap}${entries
          .map(([key, value]) => `${JSON.stringify(key)}${gap}:${gap}${value}${gap}`)
          .join(`,${gap}`)}}`;
        expect([...membersOf(text)]).toEqual(entries);
        expect(JSON.parse(objectText(membersOf(text)))).toEqual(JSON.parse(text));
      }),
    );
  });

  it('keep what a parser would change', () => {
    const members = membersOf('{ "a": 12345678901234567890, "b": [1.0, 1e2 , "\\u0041"], "\\u0024c":null }');
    expect([...members]).toEqual([
      ['a', '12345678901234567890'],
      ['b', '[1.0, 1e2 , "\\u0041"]'],
      ['$c', 'null'],
    ]);
    expect(itemsOf(members.get('b') ?? '')).toEqual(['1.0', '1e2', '"\\u0041"']);
  });

  it('that occur twice count once, as they do last', () => {
    expect([...membersOf('{"a":1,"b":2,"a":3}')]).toEqual([
      ['a', '3'],
      ['b', '2'],
    ]);
  });

  it('get the spelling of the names that are known', () => {
    const members = spelledAs(membersOf('{"NetworkAcls":1,"Other":2}'), ['networkAcls']);
    expect([...members.keys()]).toEqual(['networkAcls', 'Other']);
  });

  it('are not to be had of anything else', () => {
    for (const text of ['[]', '1', '"{}"']) expect(() => membersOf(text)).toThrow(TypeError);
    expect(() => itemsOf('{}')).toThrow(TypeError);
  });
});

describe('items of an array text', () => {
  it('are the texts between the commas, for every array', () => {
    fc.assert(
      fc.property(fc.array(spaced), (items) => {
        expect(itemsOf(arrayText(items))).toEqual(items);
      }),
    );
  });
});
