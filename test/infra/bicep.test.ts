import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Json } from '../../src/types/json.js';

/*
 * There is no Bicep compiler for Node.js, so what it would say of the names and types that pass from one file to the
 * other is said here: `azd` gives `main.parameters.json` to `main.bicep`, which gives them to the template.
 */

interface Parameter {
  readonly type: string;
  readonly allowedValues?: readonly Json[];
  readonly defaultValue?: Json;
}

const infra = (file: string): string => readFileSync(join(__dirname, '../../infra', file), 'utf8');
const BICEP = infra('main.bicep');
const TEMPLATE = JSON.parse(infra('azuredeploy.json')) as {
  readonly parameters: Readonly<Record<string, Parameter>>;
  readonly outputs: Readonly<Record<string, Json>>;
};
const FILE = JSON.parse(infra('main.parameters.json')) as {
  readonly parameters: Readonly<Record<string, { readonly value: string }>>;
};

/** The decorators of one parameter, and its line. */
const DECLARED = [...BICEP.matchAll(/^((?:@.*\n)*)param (\w+) (\w+)(?: = (.+))?$/gm)].map(
  ([, decorators = '', name = '', type = '', standard]) => ({ name, type, decorators, standard }),
);
const names = DECLARED.map(({ name }) => name);
const block = /\n {2}params: \{\n([\s\S]*?)\n {2}\}\n/.exec(BICEP)?.[1] ?? '';
const PASSED = new Map(
  [...block.matchAll(/^ {4}(\w+): (.+)$/gm)].map(([, name = '', value = '']) => [name, value]),
);

/** Those that `main.bicep` hands on as they are. */
const handedOn = DECLARED.filter(({ name }) => PASSED.get(name) === name);

describe('main.bicep', () => {
  it('declares what it hands on, and hands on what it declares', () => {
    expect(handedOn.map(({ name }) => name)).toContain('mode');
    const made = ['environmentName', 'scopes'];
    expect(names.filter((name) => !PASSED.has(name))).toEqual(['environmentName']);
    expect(names.filter((name) => !made.includes(name))).toEqual(handedOn.map(({ name }) => name));
  });

  it('gives the template parameters that it has, and all that it needs', () => {
    const needed = Object.entries(TEMPLATE.parameters).filter(
      ([, { defaultValue }]) => defaultValue === undefined,
    );
    expect([...PASSED.keys()].filter((name) => !(name in TEMPLATE.parameters))).toEqual([]);
    expect(needed.filter(([name]) => !PASSED.has(name))).toEqual([]);
  });

  it.each(handedOn)(
    '$name is of the type, the values and the default that it has in the template',
    (parameter) => {
      const { name, type, decorators, standard } = parameter;
      const wanted = TEMPLATE.parameters[name];
      const kind = decorators.includes('@secure()') ? `secure${type}` : type;
      expect(kind).toBe(wanted?.type.toLowerCase());
      const allowed = /@allowed\((\[.*?\])\)/.exec(decorators)?.[1]?.replaceAll("'", '"');
      expect(allowed === undefined ? undefined : JSON.parse(allowed)).toEqual(wanted?.allowedValues);
      // azd provisions twice, and only the second time is there a function for Event Grid; it asks for a region.
      if (name === 'eventSubscriptions' || name === 'location') return;
      expect(standard?.replaceAll("'", '"')).toBe(JSON.stringify(wanted?.defaultValue));
    },
  );

  it('gives out what the template does', () => {
    const taken = [...BICEP.matchAll(/holdfast\.outputs\.(\w+)/g)].map(([, name = '']) => name);
    expect(taken).not.toEqual([]);
    expect(taken.filter((name) => !(name in TEMPLATE.outputs))).toEqual([]);
  });
});

describe('main.parameters.json', () => {
  it('gives main.bicep parameters that it has, and all without a default', () => {
    const given = Object.keys(FILE.parameters);
    expect(given.filter((name) => !names.includes(name))).toEqual([]);
    const needed = DECLARED.filter(({ standard }) => standard === undefined).map(({ name }) => name);
    expect(needed.filter((name) => !given.includes(name))).toEqual([]);
  });

  it.each(DECLARED.filter(({ name }) => FILE.parameters[name] !== undefined))(
    '$name is the same where azd is told nothing',
    ({ name, standard }) => {
      // https://learn.microsoft.com/azure/developer/azure-developer-cli/manage-environment-variables: ${NAME=default}
      const given = /^\$\{[A-Z_]+(?:=(.*))?\}$/.exec(FILE.parameters[name]?.value ?? '');
      expect(given).not.toBeNull();
      expect(given?.[1]).toBe(standard?.replace(/^'(.*)'$/, '$1'));
    },
  );
});
