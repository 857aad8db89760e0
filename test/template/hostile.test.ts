import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkDocument } from '../../src/template/check-document.js';
import { readDocument } from '../../src/template/json-document.js';
import { mend } from '../../src/template/mend.js';
import type { Json } from '../../src/types/json.js';
import { getSecret, hidden, NOW, templateOf, vaultOf, workflowOf } from './template-of.js';

const TEMPLATE = templateOf(
  [
    workflowOf({
      Get: getSecret('k', hidden('inputs')),
      Scope: { type: 'Scope', actions: { In: getSecret() } },
    }),
    vaultOf({ networkAcls: { defaultAction: 'Allow', ipRules: [{ value: '1.2.3.4' }] } }),
    {
      type: 'Microsoft.Resources/deployments',
      name: 'inner',
      properties: {
        expressionEvaluationOptions: { scope: 'inner' },
        parameters: { p: { value: "[variables('v')]" } },
        template: templateOf([vaultOf({ enablePurgeProtection: "[parameters('p')]" })], {
          parameters: { p: { type: 'bool', defaultValue: false } },
        }),
      },
    },
    { type: 'Microsoft.KeyVault/vaults/secrets', name: 'a/b', properties: { value: "[parameters('p')]" } },
  ],
  {
    parameters: { p: { type: 'string', defaultValue: 'x' }, location: { type: 'string' } },
    variables: { v: false, w: "[variables('w')]" },
    outputs: { o: { type: 'string', value: "[listKeys('a', 'b')]" } },
  },
);

const ODD: readonly Json[] = [
  null,
  true,
  0,
  -1.5e300,
  '',
  '[',
  '[]',
  '[[',
  "[parameters('p')]",
  "[parameters('none')]",
  "[variables('w')]",
  '[variables(variables())]',
  "[concat('a', parameters())]",
  '@{',
  "@body('Get')",
  [],
  {},
  [[]],
  [null],
  { copy: [{ name: 'x', input: 1 }] },
  { copy: [null, { name: 1 }, 'x'] },
  { $connections: { value: [] } },
];

/** The template with something odd in one or more of its places. */
const odd = fc
  .array(fc.tuple(fc.nat(), fc.oneof(fc.constantFrom(...ODD), fc.jsonValue() as fc.Arbitrary<Json>)), {
    minLength: 1,
    maxLength: 4,
  })
  .map((changes) => changes.reduce<Json>((value, [at, other]) => put(value, at, other), TEMPLATE));

function put(value: Json, at: number, other: Json): Json {
  const copy: Json = structuredClone<Json>(value);
  const places: [Record<string, Json>, string][] = [];
  const visit = (each: Json): void => {
    if (typeof each !== 'object' || each === null) return;
    for (const [key, member] of Object.entries(each) as [string, Json][]) {
      places.push([each as Record<string, Json>, key]);
      visit(member);
    }
  };
  visit(copy);
  const [holder, key] = places[at % Math.max(1, places.length)] ?? [];
  if (holder !== undefined && key !== undefined) holder[key] = other;
  return copy;
}

/** In milliseconds; on a machine with much else to do. */
const PATIENCE = { timeout: 120_000 };

describe('a template in which anything may stand', PATIENCE, () => {
  it('is checked and mended, and what comes out is read and holds nothing that was to be mended', () => {
    fc.assert(
      fc.property(odd, (value) => {
        const document = readDocument(JSON.stringify(value, null, 2));
        if ('what' in document) throw new Error(document.what);
        const checked = checkDocument(document, NOW);
        if (checked === null) return;
        const { text, mended, left } = mend(document, checked, NOW);
        const after = readDocument(text);
        if ('what' in after) throw new Error(after.what);
        expect(checkDocument(after, NOW)?.findings).toHaveLength(left.length);
        expect(mended.length + left.length).toBe(checked.findings.length);
      }),
      { numRuns: 100 },
    );
  });

  it.each([
    ['objects', (next: string) => ({ a: next, b: next })],
    ['texts', (next: string) => `[concat(${next.slice(1, -1)}, ${next.slice(1, -1)})]`],
    ['lists', (next: string) => [next, next]],
  ])('ends where %s hold one another twice, sixty times over', (_, twice) => {
    const variables = Object.fromEntries(
      Array.from({ length: 60 }, (_each, i) => [
        `v${i}`,
        i === 59 ? 'end' : twice(`[variables('v${i + 1}')]`),
      ]),
    );
    const vault = vaultOf({ networkAcls: "[variables('v0')]", other: "[string(variables('v0'))]" });
    const document = readDocument(JSON.stringify(templateOf([vault], { variables })));
    if ('what' in document) throw new Error(document.what);
    expect(() => checkDocument(document, NOW)).toThrow(/too much to be checked/);
  });

  it.each([
    ['comment', '/* '],
    ['text', '"\\"'],
  ])('is broken at once where a %s never ends, however often it seems to begin', (_, beginning) => {
    const started = performance.now();
    expect(readDocument(beginning.repeat(300_000))).toHaveProperty('what');
    expect(performance.now() - started).toBeLessThan(20_000);
  });

  it('is near linear in its size', () => {
    const actions = Object.fromEntries(
      Array.from({ length: 2000 }, (_, i) => [`Get${i}`, getSecret(`k${i}`)]),
    );
    const document = readDocument(JSON.stringify(templateOf([workflowOf(actions)]), null, 2));
    if ('what' in document) throw new Error(document.what);
    const started = performance.now();
    const checked = checkDocument(document, NOW);
    expect(checked?.findings).toHaveLength(2000);
    if (checked !== null) expect(mend(document, checked, NOW).left).toEqual([]);
    expect(performance.now() - started).toBeLessThan(60_000);
  });
});
