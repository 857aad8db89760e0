import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadTemplate } from '../../../simulator/template/load-template.js';
import { TemplateError } from '../../../simulator/template/template-error.js';
import { load, options, template, vault } from './load.js';

/** Variables v0…vN, each made of the one before it. */
function chain(length: number, first: unknown, next: (previous: string) => unknown): object {
  const variables: Record<string, unknown> = { v0: first };
  for (let index = 1; index <= length; index += 1)
    variables[`v${index}`] = next(`variables('v${index - 1}')`);
  return variables;
}

function loops(depth: number): object {
  let resource = vault({});
  for (let index = 0; index < depth; index += 1) {
    const copy = { name: `c${index}`, count: 800 };
    const properties = { template: { resources: [resource] } };
    resource = { type: 'Microsoft.Resources/deployments', name: `d${index}`, copy, properties };
  }
  return { resources: [resource] };
}

const tooMuch = 'The template takes too much work to evaluate.';

describe('a hostile template', () => {
  it.each<[string, () => string, string]>([
    [
      'that nests without end',
      () => `{"$schema":"https://x/deploymentTemplate.json#","resources":${'['.repeat(100_000)}`,
      'The JSON nests more than 200 deep.',
    ],
    ['that is endless', () => `"${'x'.repeat(5_000_000)}"`, 'The text is too long for a template.'],
    [
      'that asks for a billion copies',
      () => template({ resources: [vault({}, { copy: { name: 'x', count: 1e9 } })] }),
      'The loop at /resources/0/copy makes 1000000000 copies; ARM makes at most 800.',
    ],
    [
      'that asks for a billion members',
      () => template({ resources: [vault({ copy: [{ name: 'x', count: 1e9, input: 1 }] })] }),
      'The loop at /resources/0/properties/copy/0 makes 1000000000 copies; ARM makes at most 800.',
    ],
    ['that copies copies of copies', () => template(loops(10)), tooMuch],
    [
      'whose array doubles with each variable',
      () =>
        template({
          variables: chain(60, ['x'], (previous) => `[createArray(${previous}, ${previous})]`),
          resources: [vault({ a: "[equals(variables('v59'), variables('v60'))]" })],
        }),
      tooMuch,
    ],
    [
      'whose object doubles with each variable',
      () =>
        template({
          variables: chain(60, {}, (previous) => ({ a: `[${previous}]`, b: `[${previous}]` })),
          resources: [vault({ a: "[variables('v60')]" })],
        }),
      tooMuch,
    ],
    [
      'whose variables hang from one another without end',
      () =>
        template({
          variables: chain(5000, 'x', (previous) => `[concat(${previous}, 'x')]`),
          resources: [vault({ a: "[variables('v5000')]" })],
        }),
      "The template's expressions nest more than 400 deep.",
    ],
    [
      'whose function calls itself',
      () =>
        template({
          functions: [{ namespace: 'n', members: { f: { output: { value: '[concat(n.f(), n.f())]' } } } }],
          resources: [vault({ a: '[n.f()]' })],
        }),
      "The template's expressions nest more than 400 deep.",
    ],
  ])('%s ends with a clear error', (_, text, message) => {
    expect(() => loadTemplate(text(), options)).toThrow(new TemplateError(message));
  });

  it('whose string doubles with each variable is left unresolved', () => {
    const variables = chain(60, 'x', (previous) => `[concat(${previous}, ${previous})]`);
    const { unresolved } = load({ variables, resources: [vault({ a: "[variables('v60')]" })] });
    expect(unresolved).toMatchObject([{ why: 'the string gets longer than a template may be' }]);
  });

  it('may have as many expressions as fit into it', () => {
    const { resources } = load({ resources: [vault(Array<string>(400_000).fill("['x']"))] });
    expect(resources[0]?.text.length).toBeGreaterThan(1_600_000);
  });

  it('has nothing to gain from names that JavaScript treats specially', () => {
    const parts = '"variables":{"__proto__":{"a":1},"constructor":2}';
    const text = `{"$schema":"https://x/deploymentTemplate.json#",${parts},"resources":[
      {"type":"A.B/c","name":"n","properties":{"__proto__":"[variables('__proto__').a]","toString":"[variables('toString')]"}}]}`;
    const { resources, unresolved } = loadTemplate(text, options);
    expect(resources[0]?.text).toContain('"__proto__":1');
    expect(unresolved).toMatchObject([{ why: "the template has no variable 'toString'" }]);
  });

  it('is loaded or refused, whatever stands in it', () => {
    const words = [
      "[variables('a')]",
      "[parameters('b')]",
      '[copyIndex()]',
      '[[x]',
      'kv',
      'A.B/c',
      "[reference('x')]",
    ];
    const { value } = fc.letrec<{ value: unknown }>((tie) => ({
      value: fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        fc.constantFrom(...words, 1, true, null),
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(
          fc.constantFrom(
            'type',
            'name',
            'copy',
            'count',
            'input',
            'properties',
            'resources',
            'condition',
            'template',
            'a',
            'b',
          ),
          tie('value'),
        ),
      ),
    }));
    fc.assert(
      fc.property(value, value, value, (resources, variables, parameters) => {
        for (const { text } of load({ resources: resources ?? [], variables, parameters }).resources)
          JSON.parse(text);
      }),
      { numRuns: 1000 },
    );
  });
});
