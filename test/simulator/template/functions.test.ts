import { describe, expect, it } from 'vitest';
import { evaluate, group, options } from './load.js';

const { subscriptionId, tenantId } = options;

/** Expression and the JSON it becomes. */
const table: [string, string][] = [
  ["[concat('a', 1, true())]", '"a1True"'],
  ["[concat(createArray('a'), createArray('b'))]", '["a","b"]'],
  ["[CONCAT('a', 'b')]", '"ab"'],
  ["[format('{0}/{1}/{0}{{}}', 'a', 2)]", '"a/2/a{}"'],
  ["[replace('a-b-c', '-', '')]", '"abc"'],
  ["[toLower('AbC')]", '"abc"'],
  ["[toUpper('AbC')]", '"ABC"'],
  ["[trim('  a ')]", '"a"'],
  ["[split('a,b;c', createArray(',', ';'))]", '["a","b","c"]'],
  ["[join(createArray('a', 1), '-')]", '"a-1"'],
  ["[substring('abcdef', 2, 3)]", '"cde"'],
  ["[substring('abcdef', 4)]", '"ef"'],
  ["[padLeft(7, 3, '0')]", '"007"'],
  ["[indexOf('Test', 'ST')]", '2'],
  ["[lastIndexOf('abab', 'AB')]", '2'],
  ["[startsWith('Test', 'te')]", 'true'],
  ["[endsWith('Test', 'x')]", 'false'],
  ['[string(json(\'{"a": [1, null]}\'))]', '"{\\"a\\":[1,null]}"'],
  ['[json(\'{"big": 12345678901234567890, "one": 1.0}\')]', '{"big":12345678901234567890,"one":1.0}'],
  ["[base64('a b')]", '"YSBi"'],
  ["[base64ToString('YSBi')]", '"a b"'],
  ["[uriComponent('a b/(c)')]", '"a%20b%2F%28c%29"'],
  ["[uriComponentToString('a%20b')]", '"a b"'],
  ["[uri('https://a.example/b/', 'c.json')]", '"https://a.example/b/c.json"'],
  ["[dataUriToString(dataUri('x'))]", '"x"'],
  ["[first(createArray('a', 'b'))]", '"a"'],
  ["[last('abc')]", '"c"'],
  ['[first(createArray())]', 'null'],
  ["[take('abc', 2)]", '"ab"'],
  ['[skip(createArray(1, 2, 3), 2)]', '[3]'],
  ["[length(createObject('a', 1, 'b', 2))]", '2'],
  ["[contains('abc', 'b')]", 'true'],
  ["[contains(createObject('Key', 1), 'key')]", 'true'],
  ["[contains(createArray('a'), 'A')]", 'false'],
  ["[empty('')]", 'true'],
  ['[empty(createArray(1))]', 'false'],
  ['[range(3, 3)]', '[3,4,5]'],
  ['[union(createArray(1, 2), createArray(2, 3))]', '[1,2,3]'],
  ['[intersection(createArray(1, 2), createArray(2, 3))]', '[2]'],
  ['[union(json(\'{"a":{"x":1},"b":1}\'), json(\'{"a":{"y":2}}\'))]', '{"a":{"x":1,"y":2},"b":1}'],
  ['[items(json(\'{"b":2,"a":1}\'))[0].key]', '"a"'],
  ["[array('a')]", '["a"]'],
  ['[flatten(createArray(createArray(1), createArray(2)))]', '[1,2]'],
  ["[coalesce(null(), 'a')]", '"a"'],
  ["[if(equals('a', 'A'), 'same', 'other')]", '"other"'],
  ["[if(true(), 'taken', reference('x'))]", '"taken"'],
  ['[and(true(), not(false()))]', 'true'],
  ["[or(true(), bool('false'))]", 'true'],
  ['[equals(createArray(1), createArray(1))]', 'true'],
  ['[greater(2, 1)]', 'true'],
  ["[lessOrEquals('b', 'a')]", 'false'],
  ["[int('42')]", '42'],
  ['[add(7, mul(2, 3))]', '13'],
  ['[sub(1, 3)]', '-2'],
  ['[div(-7, 2)]', '-3'],
  ['[mod(7, 3)]', '1'],
  ['[max(1, 5, 3)]', '5'],
  ['[min(createArray(4, 2))]', '2'],
  ["[guid('a', 'b')]", '"2d796349-8c7e-55ec-9624-54ece82ed031"'],
  ['[length(uniqueString(resourceGroup().id))]', '13'],
  ["[equals(uniqueString('a', 'b'), uniqueString('ab'))]", 'false'],
  ['[equals(newGuid(), newGuid())]', 'false'],
  ['[resourceGroup().LOCATION]', '"westeurope"'],
  ['[resourceGroup().id]', `"${group}"`],
  ['[subscription().id]', `"/subscriptions/${subscriptionId}"`],
  ["[subscription()['tenantId']]", `"${tenantId}"`],
  ['[tenant().tenantId]', `"${tenantId}"`],
  ['[deployment().name]', '"azuredeploy"'],
  ['[environment().suffixes.keyvaultDns]', '".vault.azure.net"'],
  ["[tryGet(createObject('a', createArray('x')), 'a', 0)]", '"x"'],
  ["[createObject('a', 1).?b]", 'null'],
  ["['text']", '"text"'],
];

describe('template functions', () => {
  it.each(table)('%s becomes %s', (expression, text) => {
    expect(evaluate(expression)).toEqual({ text });
  });

  it.each([
    ["[resourceId('A.B/c', 'x')]", `${group}/providers/A.B/c/x`],
    ["[resourceId('A.B/c/d', 'x', 'y')]", `${group}/providers/A.B/c/x/d/y`],
    [
      "[resourceId('other', 'A.B/c', 'x')]",
      `/subscriptions/${subscriptionId}/resourceGroups/other/providers/A.B/c/x`,
    ],
    ["[resourceId('s2', 'other', 'A.B/c', 'x')]", '/subscriptions/s2/resourceGroups/other/providers/A.B/c/x'],
    ["[subscriptionResourceId('A.B/c', 'x')]", `/subscriptions/${subscriptionId}/providers/A.B/c/x`],
    ["[subscriptionResourceId('s2', 'A.B/c', 'x')]", '/subscriptions/s2/providers/A.B/c/x'],
    ["[tenantResourceId('A.B/c', 'x')]", '/providers/A.B/c/x'],
    ["[extensionResourceId('/base', 'A.B/c', 'x')]", '/base/providers/A.B/c/x'],
  ])('%s is the id %s', (expression, id) => {
    expect(evaluate(expression)).toEqual({ text: JSON.stringify(id) });
  });

  it.each([
    ['[utcNow()]', '20261124T083001Z'],
    ["[utcNow('yyyy-MM-dd')]", '2026-11-24'],
  ])('%s is the time that was given: %s', (expression, text) => {
    const now = new Date('2026-11-24T08:30:01.5Z');
    expect(evaluate(expression, {}, { now })).toEqual({ text: `"${text}"` });
  });
});

describe('what is not guessed', () => {
  it.each([
    ["[listKeys('x', '1').keys[0]]", 'listKeys() asks Azure for the deployed resource'],
    ["[reference('x')]", 'reference() asks Azure for the deployed resource x'],
    ["[providers('a', 'b')]", 'providers() asks Azure which API versions there are'],
    ['[utcNow()]', 'utcNow() depends on the time of the deployment'],
    ["[concat('a', reference('x').y)]", 'reference() asks Azure for the deployed resource x'],
    ['[subscription().displayName]', "an object has no 'displayName' here"],
    ["[parameters('x')]", "the template has no parameter 'x'"],
    ["[variables('x')]", "the template has no variable 'x'"],
    ["[nonsense('x')]", 'the function nonsense() is not known here'],
    ["[contoso.name('x')]", 'the template defines no function contoso.name()'],
    ["[toLower('a', 'b')]", 'toLower() does not take 2 arguments'],
    ['[toLower(1)]', 'a number stands where a string is expected'],
    ["[int('x')]", 'a string stands where a whole number is expected'],
    ["[json('{')]", 'the string that json() reads is not JSON'],
    ['[div(1, 0)]', 'the number gets too large, or is divided by 0'],
    ["[substring('ab', 1, 5)]", 'substring() reaches outside a string of 2 characters'],
    ["[resourceId('A.B/c', 'x', 'y')]", "the resource type 'A.B/c' does not take 2 names"],
    ["[resourceId('A.B/c', '')]", "a name of the resource type 'A.B/c' is empty"],
    ['[copyIndex()]', 'copyIndex() stands outside its loop'],
    ['[range(0, 1000000000)]', 'range() gives at most 10000 numbers'],
    ["[padLeft('a', 1000000000)]", 'the string gets longer than a template may be'],
    ['[1]', 'it is a number in brackets and no template expression'],
    [
      '[]',
      'it is not a template expression: a function, a string or a whole number is expected at character 1, not the end',
    ],
  ])('%s stays in place: %s', (expression, why) => {
    expect(evaluate(expression)).toEqual({ why });
  });

  it('asks the caller what a resource is, who may know', () => {
    const reference = (asked: { resourceId: string; full: boolean }) =>
      asked.full ? { identity: { principalId: `of ${asked.resourceId}` } } : undefined;
    expect(evaluate("[reference('x', '1', 'Full').identity.principalId]", {}, { reference })).toEqual({
      text: '"of x"',
    });
    expect(evaluate("[reference('x', '1').a]", {}, { reference })).toHaveProperty('why');
  });
});
