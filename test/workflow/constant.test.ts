import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { constantsOf } from '../../src/workflow/constant.js';
import { operationsOf } from '../../src/workflow/definition.js';
import { ENCODED_HOLE, HOLE, type Folded } from '../../src/workflow/folded.js';
import type { Json } from '../../src/types/json.js';
import { workflowOf, type WorkflowParts } from './workflow-of.js';

function fold(value: Json, parts: WorkflowParts = {}): Folded {
  const workflow = workflowOf(parts);
  return constantsOf(workflow, operationsOf(workflow)).fold(value);
}

const is = (value: Json): Folded => ({ kind: 'constant', value });
const like = (text: string): Folded => ({ kind: 'pattern', text });
const unknown: Folded = { kind: 'unknown' };

const initialise = (name: string, value?: Json): Json => ({
  type: 'InitializeVariable',
  inputs: { variables: [{ name, type: 'string', ...(value === undefined ? {} : { value }) }] },
});
const change = (type: string, name: Json): Json => ({ type, inputs: { name, value: 'other' } });
const compose = (inputs: Json): Json => ({ type: 'Compose', inputs });

describe('functions', () => {
  const rows: readonly (readonly [string, string, Folded])[] = [
    ['a text is itself', 'kv', is('kv')],
    [
      'texts are put together',
      "@concat('https://', 'kv', '.vault.azure.net')",
      is('https://kv.vault.azure.net'),
    ],
    ['the case of a function name does not matter', "@CONCAT('a', toupper('b'))", is('aB')],
    ['an interpolation is a text', "a@{1}b@{null}c@{'d'}", is('a1bcd')],
    ['a number alone stays a number', '@-7', is(-7)],
    ['a number that a double cannot hold is not known', '@12345678901234567890', unknown],
    ['how a boolean is written in a text is not told', 'a@{true}', like(`a${HOLE}`)],
    ['spaces are trimmed', "@trim('  kv ')", is('kv')],
    ['lower case', "@toLower('KV')", is('kv')],
    ['every occurrence is replaced', "@replace('a_b_c', '_', '.')", is('a.b.c')],
    ['to replace nothing is an error in a run', "@replace('abc', '', '.')", unknown],
    ['string of a text and of a number', "@concat(string('a'), string(12))", is('a12')],
    ['format', "@format('https://{0}.{1}/{0}', 'kv', 'net')", is('https://kv.net/kv')],
    ['format without the value it asks for', "@format('{0}{1}', 'a')", like(`a${HOLE}`)],
    ['format with other braces is not told', "@format('{0:N}', 'a')", unknown],
    ['the first that is not null', "@coalesce(null, 'a', 'b')", is('a')],
    ['one that is not known may be null or not', "@coalesce(triggerBody(), 'a')", unknown],
    ['a condition that is known', "@if(equals('a', 'a'), 'yes', 'no')", is('yes')],
    ['a condition that is known to be false', "@if(not(true), 'yes', 'no')", is('no')],
    ['a condition that is not known', "@if(triggerBody(), 'yes', 'no')", unknown],
    ['a condition that changes nothing', "@if(triggerBody(), 'same', 'same')", is('same')],
    ['a piece of a text', "@last(split('https://kv/secrets/name', '/'))", is('name')],
    ['the first piece', "@first(split('a.b', '.'))", is('a')],
    ['an element of a list that is written out', "@createArray('a', 'b')[1]", is('b')],
    ['an element that is not there', "@createArray('a')[1]", unknown],
    ['a part by position', "@substring('kv-prod', 0, 2)", is('kv')],
    [
      'URL encoding, under each of its names',
      "@concat(uriComponent('a/b'), encodeURIComponent('/'), encodeUriComponent('?'))",
      is('a%2Fb%2F%3F'),
    ],
    ['URL decoding', "@decodeUriComponent('a%2Fb')", is('a/b')],
    ['URL decoding of what is not encoded', "@uriComponentToString('%zz')", unknown],
    [
      'a lone half of a character cannot be encoded, but stays within its segment',
      "@uriComponent('\uD800')",
      like(ENCODED_HOLE),
    ],
    ['base64 hides nothing', "@base64ToString('a3YudmF1bHQuYXp1cmUubmV0')", is('kv.vault.azure.net')],
    ['base64 that is none', "@base64ToString('?')", unknown],
    ['a function whose result depends on the run', '@utcNow()', unknown],
    ['what does not parse', '@concat(', unknown],
  ];
  test.each(rows)('%s', (_, source, expected) => {
    expect(fold(source)).toEqual(expected);
  });
});

describe('what is known in part', () => {
  const rows: readonly (readonly [string, string, Folded])[] = [
    ['a text around something unknown', '/secrets/@{triggerBody()}/value', like(`/secrets/${HOLE}/value`)],
    [
      'something unknown that is encoded',
      '/secrets/@{encodeURIComponent(triggerBody())}/value',
      like(`/secrets/${ENCODED_HOLE}/value`),
    ],
    ['through concat', "@concat('https://', variables('x'), '.net')", like(`https://${HOLE}.net`)],
    [
      'through functions that change each character',
      "@toLower(trim(concat(' A', item(), 'B ')))",
      like(`a${HOLE}b`),
    ],
    [
      'a single character is replaced around the hole',
      "@replace(concat('a_', item()), '_', '.')",
      like(`a.${HOLE}`),
    ],
    ['a longer text may begin within the hole', "@replace(concat('ab', item()), 'ab', 'c')", unknown],
    ['a function that needs all of it', "@split(concat('a', item()), '/')", unknown],
    ['a plain text that holds the mark of a hole', `kv${HOLE}`, unknown],
    ['a text that holds the mark of a hole is not told', `@concat('${HOLE}')`, like(HOLE)],
  ];
  test.each(rows)('%s', (_, source, expected) => {
    expect(fold(source)).toEqual(expected);
  });
});

describe('names', () => {
  const rows: readonly (readonly [string, string, WorkflowParts, Folded])[] = [
    [
      'a parameter has its declared default',
      "@parameters('kv')",
      { declared: { kv: { type: 'String', defaultValue: 'a' } } },
      is('a'),
    ],
    [
      'a given value goes before the default',
      "@parameters('kv')",
      { declared: { kv: { type: 'String', defaultValue: 'a' } }, given: { kv: { value: 'b' } } },
      is('b'),
    ],
    [
      'a given parameter whose value ARM does not show',
      "@parameters('kv')",
      { declared: { kv: { type: 'String', defaultValue: 'a' } }, given: { kv: {} } },
      unknown,
    ],
    [
      'the default of a secure parameter may be hidden by a value',
      "@parameters('kv')",
      { declared: { kv: { type: 'securestring', defaultValue: 'a' } } },
      unknown,
    ],
    [
      'a parameter name with a space',
      "@parameters('azure key vault')",
      { declared: { 'azure key vault': { type: 'string', defaultValue: 'vault.azure' } } },
      is('vault.azure'),
    ],
    ['a parameter name in another case', "@parameters('KV')", { given: { kv: { value: 'b' } } }, is('b')],
    ['a parameter that nobody declared', "@parameters('kv')", {}, unknown],
    ['a parameter named like an inherited property', "@parameters('constructor')", {}, unknown],
    [
      'a member of an object parameter',
      "@parameters('env')?['vault'].name",
      { given: { env: { value: { vault: { name: 'kv' } } } } },
      is('kv'),
    ],
    [
      'a member that is missing, asked for safely',
      "@parameters('env')?['vault']",
      { given: { env: { value: {} } } },
      is(null),
    ],
    ['a member that is missing', "@parameters('env')['vault']", { given: { env: { value: {} } } }, unknown],
    [
      'an element of a list parameter',
      "@parameters('list')[1]",
      { given: { list: { value: ['a', 'b'] } } },
      is('b'),
    ],
    [
      'a parameter value is no expression',
      "@parameters('kv')",
      { given: { kv: { value: "@concat('a')" } } },
      unknown,
    ],
    [
      'a variable that is initialised and never changed',
      "@variables('KV')",
      { actions: { I: initialise('kv', "@concat('a', 'b')") } },
      is('ab'),
    ],
    ['a variable without a value', "@variables('kv')", { actions: { I: initialise('kv') } }, unknown],
    [
      'a variable that is set',
      "@variables('kv')",
      { actions: { I: initialise('kv', 'a'), S: change('SetVariable', 'KV') } },
      unknown,
    ],
    [
      'a variable that is appended to in a loop',
      "@variables('kv')",
      {
        actions: {
          I: initialise('kv', 'a'),
          L: { type: 'Foreach', actions: { S: change('AppendToStringVariable', 'kv') } },
        },
      },
      unknown,
    ],
    [
      'a variable while another one is set',
      "@variables('kv')",
      { actions: { I: initialise('kv', 'a'), S: change('SetVariable', 'x') } },
      is('a'),
    ],
    [
      'any variable, where the name that is set is put together',
      "@variables('kv')",
      { actions: { I: initialise('kv', 'a'), S: change('SetVariable', "@{concat('k','v')}") } },
      unknown,
    ],
    [
      'a variable that is initialised twice',
      "@variables('kv')",
      { actions: { I: initialise('kv', 'a'), J: initialise('kv', 'a') } },
      unknown,
    ],
    [
      'a variable from a parameter',
      "https://@{variables('kv')}/",
      { actions: { I: initialise('kv', "@parameters('p')") }, given: { p: { value: 'b' } } },
      is('https://b/'),
    ],
    [
      'a Compose by outputs()',
      "@outputs('Compose_it')",
      { actions: { 'Compose it': compose("@toUpper('a')") } },
      is('A'),
    ],
    ['a Compose by actions()', "@actions('C')?['outputs']", { actions: { C: compose('a') } }, is('a')],
    [
      'a member of a Compose, where another is not known',
      "@outputs('C')['host']",
      { actions: { C: compose({ host: "@concat('k', 'v')", name: '@item()' }) } },
      is('kv'),
    ],
    [
      'all of a Compose of which a member is an expression',
      "@outputs('C')",
      { actions: { C: compose({ host: "@concat('k', 'v')" }) } },
      unknown,
    ],
    [
      'a Compose with a static result',
      "@outputs('C')",
      {
        actions: {
          C: { ...(compose('a') as object), runtimeConfiguration: { staticResult: { name: 'x' } } },
        },
      },
      unknown,
    ],
    [
      'the outputs of another action',
      "@outputs('C')",
      { actions: { C: { type: 'Http', inputs: 'a' } } },
      unknown,
    ],
    [
      'an action name that is there twice',
      "@outputs('C')",
      { actions: { C: compose('a'), S: { type: 'Scope', actions: { C: compose('a') } } } },
      unknown,
    ],
    ['a value that is no text', "@outputs('C')?[0]", { actions: { C: compose('a') } }, unknown],
  ];
  test.each(rows)('%s', (_, source, parts, expected) => {
    expect(fold(source, parts)).toEqual(expected);
  });

  it('a number, a list and nothing are what they are', () => {
    expect([fold(3), fold(['a']), fold(null)]).toEqual([is(3), is(['a']), is(null)]);
  });
});

describe('hostile definitions', () => {
  const chain = (length: number, value: (before: string) => Json): Json =>
    Object.fromEntries([
      ['v0', initialise('v0', 'x')],
      ...Array.from({ length }, (_, i) => [
        `v${i + 1}`,
        initialise(`v${i + 1}`, value(`variables('v${i}')`)),
      ]),
    ]) as Json;

  const rows: readonly (readonly [string, string, WorkflowParts, Folded])[] = [
    [
      'a variable that is itself',
      "@variables('v')",
      { actions: { I: initialise('v', "@variables('v')") } },
      unknown,
    ],
    [
      'two variables in a circle',
      "@variables('a')",
      { actions: { I: initialise('a', "x@{variables('b')}"), J: initialise('b', "y@{variables('a')}") } },
      like(`xy${HOLE}`),
    ],
    [
      'a text that doubles sixty times',
      "@variables('v60')",
      { actions: chain(60, (v) => `@concat(${v}, ${v})`) },
      like(HOLE),
    ],
    [
      'an object that doubles sixty times',
      "@string(variables('v60'))",
      { actions: chain(60, (v) => ({ a: `@${v}`, b: `@${v}` })) },
      like(HOLE),
    ],
    [
      'a chain of ten thousand variables',
      "@variables('v10000')",
      { actions: chain(10_000, (v) => `@${v}`) },
      unknown,
    ],
    [
      'a replacement that grows to gigabytes',
      "@replace(variables('a'), 'x', variables('a'))",
      { actions: { I: initialise('a', 'x'.repeat(8000)) } },
      unknown,
    ],
    [
      'a list of a thousand pieces',
      "@last(split(variables('a'), 'x'))",
      { actions: { I: initialise('a', 'x'.repeat(1000)) } },
      unknown,
    ],
    [
      'a parameter nested a hundred thousand deep',
      "@parameters('p')",
      { given: { p: { value: JSON.parse('['.repeat(100_000) + ']'.repeat(100_000)) as Json } } },
      unknown,
    ],
  ];
  test.each(rows)('%s is cheap, and not told', (_, source, parts, expected) => {
    expect(fold(source, parts)).toEqual(expected);
  });

  it('a chain as long as people write is told', () => {
    expect(fold("@variables('v50')", { actions: chain(50, (v) => `@${v}`) })).toEqual(is('x'));
  });
});

describe('laws', () => {
  /** An expression next to its value, computed as it is put together. */
  type Known = readonly [source: string, value: string];
  const word = fc.stringMatching(/^[a-zA-Z0-9 ./_'-]{0,12}$/);
  const literal = word.map((value): Known => [`'${value.replaceAll("'", "''")}'`, value]);
  const { known } = fc.letrec<{ known: Known }>((tie) => ({
    known: fc.oneof(
      { maxDepth: 3 },
      literal,
      fc.tuple(tie('known'), tie('known')).map(([[a, x], [b, y]]): Known => [`concat(${a}, ${b})`, x + y]),
      tie('known').map(([a, x]): Known => [`toLower(${a})`, x.toLowerCase()]),
      tie('known').map(([a, x]): Known => [`trim(${a})`, x.trim()]),
      tie('known').map(([a, x]): Known => [`encodeURIComponent(${a})`, encodeURIComponent(x)]),
      tie('known').map(([a, x]): Known => [`replace(${a}, '.', '-')`, x.replaceAll('.', '-')]),
      fc
        .tuple(tie('known'), tie('known'))
        .map(([[a, x], [b, y]]): Known => [`if(equals(${a}, ${b}), ${a}, ${b})`, x === y ? x : y]),
    ),
  }));

  it('what is told is what a run computes', () => {
    fc.assert(
      fc.property(known, ([source, value]) => {
        expect(fold(`@${source}`)).toEqual(is(value));
      }),
    );
  });

  it('a value told through a variable, a Compose or a parameter is the same', () => {
    fc.assert(
      fc.property(known, ([source, value]) => {
        const parts = { actions: { I: initialise('v', `@${source}`), C: compose("@variables('v')") } };
        expect(fold("@{outputs('C')}", parts)).toEqual(is(value));
        expect(fold("@parameters('p')", { given: { p: { value } } })).toEqual(is(value));
      }),
    );
  });

  it('a pattern holds for whatever its hole turns out to be', () => {
    fc.assert(
      fc.property(known, word, ([source], hidden) => {
        const around = `@toLower(concat(${source}, $, ${source}))`;
        const told = fold(around.replace('$', () => "triggerBody()?['x']"));
        const run = fold(around.replace('$', () => `'${hidden.replaceAll("'", "''")}'`));
        const pattern = told.kind === 'pattern' ? told.text : '';
        expect(run).toEqual(is(pattern.replace(HOLE, () => hidden.toLowerCase())));
      }),
    );
  });
});
