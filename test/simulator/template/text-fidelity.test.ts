import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadTemplate } from '../../../simulator/template/load-template.js';
import { load, options, vault } from './load.js';

/** A template around the text of a resource's properties, and what the loader makes of that text. */
function properties(text: string, variables = '{}'): string {
  const source = `{"$schema":"https://x/deploymentTemplate.json#","variables":${variables},
    "resources":[{"type":"A.B/c","name":"n","properties":${text}}]}`;
  const [resource] = loadTemplate(source, options).resources;
  return /^\{"type":"A.B\/c","name":"n","properties":(.*)\}$/s.exec(resource?.text ?? '')?.[1] ?? '';
}

describe('the text of a resource', () => {
  it.each([
    ['keeps numbers that JavaScript would rewrite', '{"a":1.0,"b":12345678901234567890,"c":1e3,"d":-0}'],
    ['keeps the order of keys, even of those that look like numbers', '{"b":1,"2":0,"1":0,"a":1}'],
    ['keeps escapes as they were written', String.raw`{"a":"\u0041\/\"","\u0062":"é"}`],
    ['keeps white space and line ends', '{\r\n\t"a" : [ 1 ,\n 2 ]  }'],
    ['keeps what only starts like an expression', '{"a":"[test] value","b":"[[open","c":"[","d":" [x]"}'],
    ['keeps a name that stands twice', '{"a":1,"a":2}'],
    ["keeps Logic Apps' own expressions", `{"a":"@{concat('[', variables('x'), ']')}"}`],
  ])('%s', (_, text) => {
    expect(properties(text)).toBe(text);
  });

  it.each([
    [
      'takes one bracket off an escaped string, and nothing else',
      String.raw`["[[\u0041]"]`,
      String.raw`["[\u0041]"]`,
    ],
    ['takes off a bracket that is itself an escape', String.raw`["\u005b[a]"]`, '["[a]"]'],
    ['writes a string as JSON', `["[concat('a\\"b', '\\n')]"]`, String.raw`["a\"b\n"]`],
    ['writes a number, a boolean and null as such', '["[add(1,2)]","[true()]","[null()]"]', '[3,true,null]'],
    ['evaluates the names of properties', `{"[concat('a', 'b')]": 1.0}`, '{"ab": 1.0}'],
    [
      'puts an array where a loop over a property stands',
      `{"x":1, "copy":[{"name":"y","count":2,"input":{"i":"[copyIndex('y')]","n":1.0}}]}`,
      '{"x":1, "y": [{"i":0,"n":1.0}, {"i":1,"n":1.0}]}',
    ],
    ['leaves no comment', '{"a":1 /* one */, // two\n "b":2}', '{"a":1 , \n "b":2}'],
    ['does not take an address for a comment', '{"a":"https://x"}', '{"a":"https://x"}'],
  ])('%s', (_, text, expected) => {
    expect(properties(text)).toBe(expected);
  });

  it.each([
    ['an object', '{ "b": 1.0, "a": "\\u0041" }', '{ "b": 1.0, "a": "\\u0041" }'],
    ['an object with expressions inside', '{ "b": 1.0, "a": "[add(1, 1)]" }', '{ "b": 1.0, "a": 2 }'],
    ['a long number', '12345678901234567890', '12345678901234567890'],
    ['a decimal number', '1.50', '1.50'],
  ])('keeps the text of a variable that is %s', (_, variable, expected) => {
    expect(properties(`["[variables('v')]"]`, `{"v":${variable}}`)).toBe(`[${expected}]`);
    expect(properties(`["[createArray(variables('v'))]"]`, `{"v":${variable}}`)).toBe(`[[${expected}]]`);
  });

  it('leaves an expression that cannot be resolved as it is, between those that can', () => {
    const { resources, unresolved } = load({
      resources: [vault({ a: "[concat('x', 'y')]", b: "[reference('z')]", c: "[concat('x', 'y')]" })],
    });
    expect(resources[0]?.text).toContain('{"a":"xy","b":"[reference(\'z\')]","c":"xy"}');
    expect(unresolved).toEqual([
      {
        pointer: '/resources/0/properties/b',
        expression: "[reference('z')]",
        why: 'reference() asks Azure for the deployed resource z',
      },
    ]);
  });

  it('comes out byte for byte where nothing in it is an expression', () => {
    const plain = fc.jsonValue().filter((value) => !JSON.stringify(value).includes('"['));
    fc.assert(
      fc.property(plain, fc.constantFrom(0, 1, 2, '\t'), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        expect(properties(text)).toBe(text);
      }),
    );
  });

  it('gives back any string that is escaped, quoted or plain', () => {
    const escape = (text: string) => (text.startsWith('[') && text.endsWith(']') ? `[${text}` : text);
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.string().map((text) => `[${text}]`),
        ),
        (text) => {
          const expression = `[concat('${text.replaceAll("'", "''")}')]`;
          const source = JSON.stringify([escape(text), expression]);
          expect(JSON.parse(properties(source))).toEqual([text, text]);
        },
      ),
    );
  });
});
