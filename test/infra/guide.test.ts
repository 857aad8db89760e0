import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { startSimulator } from '../../simulator/simulator.js';
import { runGuide } from './guide-shell.js';
import { errorsOf, HOME, install, installation, OTHER, prepare } from './installation.js';

vi.setConfig({ testTimeout: 60_000 });

/* docs/install.md, read by somebody who installs for the first time: from its beginning, with what it has said so far. */

const infra = (file: string): unknown =>
  JSON.parse(readFileSync(join(__dirname, '../../infra', file), 'utf8'));
const GUIDE = readFileSync(join(__dirname, '../../docs/install.md'), 'utf8');
const blocks = [...GUIDE.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, block = '']) => block);
const parametersOf = (template: unknown): readonly string[] =>
  Object.keys((template as { readonly parameters: object }).parameters);

interface Mention {
  readonly name: string;
  readonly isSet: boolean;
}

/** Each name of a shell variable, where it gets its value and where it is used. */
function variablesIn(text: string): readonly Mention[] {
  const found = text.matchAll(
    /\bfor ([A-Z]+) in|\bread -r ((?:[A-Z]+ ?)+)|(?<![-\w$])([A-Z]+)=(?!=)|\$\{?([A-Z]+)\b/g,
  );
  return [...found].flatMap(([, loop, read, assigned, used]): readonly Mention[] => {
    if (used !== undefined) return [{ name: used, isSet: false }];
    const names = (loop ?? read ?? assigned ?? '').trim().split(' ');
    return names.map((name) => ({ name, isSet: true }));
  });
}

describe('the guide', () => {
  it('has commands that a shell can read', () => {
    expect(blocks.length).toBeGreaterThan(8);
    for (const block of blocks) execFileSync('bash', ['-n'], { input: block });
  });

  it('uses no variable that it has not set before', () => {
    const set = new Set<string>();
    const unknown = variablesIn(GUIDE).filter(({ name, isSet }) => {
      if (isSet) set.add(name);
      return !isSet && !set.has(name);
    });
    expect(unknown).toEqual([]);
    expect([...set]).toEqual(expect.arrayContaining(['URL', 'KEY', 'PRINCIPAL', 'ACCOUNT', 'SCOPE']));
  });

  it('names parameters that the templates have', () => {
    const known = [...parametersOf(installation()), ...parametersOf(infra('sentinel/azuredeploy.json'))];
    const named = [
      ...GUIDE.matchAll(/--parameters ([a-z]\w+)=/g),
      ...GUIDE.matchAll(/`([a-z]\w+)=[^`]*`/g),
      ...GUIDE.matchAll(/^ {2}([a-z]\w+)="/gm),
    ].map(([, name = '']) => name);
    expect(named).toEqual(expect.arrayContaining(['scopes', 'mode', 'principalId', 'systemTopics']));
    expect(named.filter((name) => !known.includes(name))).toEqual([]);
  });

  it('names variables of azd that its parameters are made of', () => {
    const text = JSON.stringify(infra('main.parameters.json'));
    const known = [...text.matchAll(/(?<=\$\{)\w+/g)].map(([name]) => name);
    const named = [...GUIDE.matchAll(/azd env set (\w+)/g)].map(([, name = '']) => name);
    expect(named).toEqual(expect.arrayContaining(['HOLDFAST_SCOPES', 'HOLDFAST_MODE']));
    expect(named.filter((name) => !known.includes(name))).toEqual([]);
  });

  it('finds the app and its address, whatever the deployment was called', async () => {
    const simulator = await startSimulator({ subscriptions: [HOME, OTHER] });
    try {
      prepare(simulator.azure);
      const deployment = await install(simulator.azure, { name: 'Microsoft.Template-20261126213355' });
      expect(errorsOf(deployment)).toEqual([]);
      const look = blocks.find((block) => block.includes('api/health')) ?? '';
      const [finding = ''] = look.split('KEY=');
      const { output, complaints } = await runGuide(`${finding}\necho "$APP $URL"`, {
        controlUrl: simulator.controlUrl,
        subscription: HOME,
      });
      expect(complaints).toBe('');
      const { functionApp, url } = deployment.outputs as Record<string, { readonly value: string }>;
      expect(output.trim()).toBe(`${functionApp?.value ?? ''} ${url?.value ?? ''}`);
    } finally {
      await simulator.close();
    }
  });
});
