import { describe, expect, it, test } from 'vitest';
import { evaluateText } from '../../src/template/evaluate.js';
import { textWithUnknownCalls } from '../../src/template/holes.js';
import { scopeOf } from '../../src/template/scope.js';
import { HOLE } from '../../src/workflow/folded.js';
import { templateOf } from './template-of.js';

const scope = scopeOf(
  templateOf([], {
    parameters: {
      given: { type: 'string' },
      blank: { type: 'string', defaultValue: '' },
      name: { type: 'string', defaultValue: 'kv' },
      made: { type: 'string', defaultValue: "[concat(parameters('name'), '-2')]" },
      secret: { type: 'securestring', defaultValue: 'x' },
    },
    variables: {
      plain: 'text',
      list: ['a', { b: "[parameters('name')]" }],
      round: "[variables('trip')]",
      trip: "[variables('round')]",
    },
  }),
  '',
  null,
  null,
);

describe('a text of a template', () => {
  test.each([
    ['is a text', 'plain [x]y', 'plain [x]y'],
    ['is an escaped text', '[[not an expression]', '[not an expression]'],
    ['opens a bracket alone', '[not closed', '[not closed'],
    ['is put together', "[concat('a', 1, variables('plain'))]", 'a1text'],
    ['is put together with what is not known', "[concat('a-', parameters('given'), '-b')]", `a-${HOLE}-b`],
    ['has quotes in it', "[concat('it''s')]", "it's"],
    ['is a default', "[parameters('name')]", 'kv'],
    ['is a default that is made of another', "[parameters('MADE')]", 'kv-2'],
    ['is a default that says nothing', "[parameters('blank')]", HOLE],
    ['is never the default of what is secure', "[parameters('secret')]", HOLE],
    ['is a step into a variable', "[variables('list')[1].b]", 'kv'],
    ['is a step into nothing', "[variables('list')[7].b]", HOLE],
    ['is a variable that is not there', "[variables('none')]", HOLE],
    ['goes in a circle', "[variables('round')]", HOLE],
    ['is a format', "[format('{0}-{1}', parameters('name'), parameters('given'))]", `kv-${HOLE}`],
    ['is a format that nobody knows', "[format('{0:N}', 1)]", HOLE],
    ['is a choice', "[if(equals(parameters('name'), 'kv'), 'yes', 'no')]", 'yes'],
    ['is a choice that the deployment makes', "[if(equals(parameters('given'), 'kv'), 'yes', 'no')]", HOLE],
    ['is a function that nobody knows', '[uniqueString(resourceGroup().id)]', HOLE],
    ['is the suffix of vaults', "[concat('kv', environment().suffixes.keyvaultDns)]", 'kv.vault.azure.net'],
    ['is no expression in the language', '[what is this]', HOLE],
    ['is truth', '[true()]', true],
    ['is a list', "[createArray('a', 2)]", ['a', 2]],
  ])('%s', (_, text, value) => {
    expect(evaluateText(text, scope).value).toEqual(value);
  });

  it('rests on the defaults that it is made of', () => {
    expect(evaluateText("[toUpper(parameters('made'))]", scope)).toMatchObject({
      value: 'KV-2',
      isKnown: true,
      defaults: ['name', 'made'],
    });
  });

  it('knows what is secret in it', () => {
    const text = "[concat(parameters('secret'), listKeys('a', 'b').keys[0].value, variables('plain'))]";
    expect(evaluateText(text, scope).secrets).toEqual([
      'the secure parameter "secret"',
      'what listKeys() gives',
    ]);
  });

  it('names the same resource in the same way, also where its name is not known', () => {
    const id = evaluateText(
      "[resourceId('Microsoft.Web/connections', parameters('given'))]",
      scope,
      'name',
    ).value;
    const other = evaluateText(
      "[concat(resourceGroup().id, '/providers/Microsoft.Web/connections/', parameters('given'))]",
      scope,
      'name',
    ).value;
    expect(id).toBe(other);
    expect(id).not.toContain(HOLE);
  });

  it('is evaluated twice where a template is the content of another one', () => {
    const inner = scopeOf(templateOf([], { variables: { plain: 'inner' } }), '', null, scope);
    expect(evaluateText("[variables('plain')]", inner).value).toBe('text');
    expect(evaluateText("[[variables('plain')]", inner).value).toBe('inner');
  });

  it('does not cost the stack, however deep it is', () => {
    const deep = `[${'concat('.repeat(5_000)}'a'${')'.repeat(5_000)}]`;
    expect(evaluateText(deep, scope).value).toBe(HOLE);
  });
});

describe('what is not known, in a definition', () => {
  test.each([
    ['is all of a text', HOLE, '@unknown()'],
    ['is in a text', `https://${HOLE}.vault.azure.net`, 'https://@{unknown()}.vault.azure.net'],
    ['is in a text within an expression', `@{f('${HOLE}')}/x`, `@{f('${HOLE}')}/x`],
    ['is in an expression', `@concat(${HOLE}, 'a')`, `@concat(unknown(), 'a')`],
    ['is behind an expression', `@{f('}')}${HOLE}`, `@{f('}')}@{unknown()}`],
    ['is in a text that begins with @', `@@${HOLE}`, '@@@{unknown()}'],
  ])('%s', (_, text, expected) => {
    expect(textWithUnknownCalls(text)).toBe(expected);
  });
});
