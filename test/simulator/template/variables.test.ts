import { describe, expect, it } from 'vitest';
import { evaluate } from './load.js';

describe('variables', () => {
  it.each<[string, object, string, { text: string } | { why: string }]>([
    ['are read in any case', { Name: 'a' }, "[variables('NAME')]", { text: '"a"' }],
    ['may use one another', { b: "[variables('a')]", a: 'x' }, "[variables('b')]", { text: '"x"' }],
    [
      'give a member that can be told beside one that cannot',
      { app: { name: 'a', version: "[providers('x', 'y')]" } },
      "[variables('app').name]",
      { text: '"a"' },
    ],
    [
      'do not give the one that cannot',
      { app: { name: 'a', version: "[providers('x', 'y')]" } },
      "[variables('app').version]",
      { why: 'providers() asks Azure which API versions there are' },
    ],
    [
      'do not give the whole either, nor what is made of it',
      { app: { name: 'a', version: "[providers('x', 'y')]" } },
      "[string(variables('app'))]",
      { why: 'providers() asks Azure which API versions there are' },
    ],
    [
      'that run in a circle are told as such',
      { a: "[variables('b')]", b: "[concat(variables('c'))]", c: { d: "[variables('a')]" } },
      "[variables('a')]",
      { why: 'variables refer to one another in a circle: a → b → c → a' },
    ],
    [
      'may be arrays made by a loop',
      { copy: [{ name: 'list', count: 2, input: "[concat('x', copyIndex('list'))]" }] },
      "[variables('list')]",
      { text: '["x0","x1"]' },
    ],
    [
      'may hold arrays made by a loop',
      { app: { copy: [{ name: 'list', count: '[add(1, 1)]', input: "[copyIndex('list', 5)]" }] } },
      "[variables('app').list]",
      { text: '[5,6]' },
    ],
    [
      'say when a loop cannot be told',
      { copy: [{ name: 'list', count: "[reference('x')]", input: 1 }] },
      "[variables('list')]",
      { why: 'reference() asks Azure for the deployed resource x' },
    ],
  ])('%s', (_, variables, expression, expected) => {
    expect(evaluate(expression, { variables })).toEqual(expected);
  });
});
