import { readFileSync, readdirSync } from 'node:fs';
import { builtinModules, createRequire } from 'node:module';
import { basename, join, resolve } from 'node:path';
import { describe, expect, it, onTestFinished, test, vi } from 'vitest';
import { z } from 'zod';
import { loadApp } from '../local-host/app-loader.js';
import { provideFunctionsCore } from '../local-host/functions-core.js';

const ROOT = resolve(__dirname, '..');

const outputShape = z.object({
  inputs: z.record(z.string(), z.unknown()),
  imports: z.array(z.object({ path: z.string(), kind: z.string(), external: z.boolean().optional() })),
});
const { outputs } = z
  .object({ outputs: z.record(z.string(), outputShape) })
  .parse(JSON.parse(readFileSync(join(ROOT, '.build/bundle.json'), 'utf8')));

function output(file: string): z.infer<typeof outputShape> {
  const found = outputs[file];
  if (found === undefined) throw new Error(`${file} is not built: npm run build`);
  return found;
}

const FUNCTIONS = [
  ...[
    'acceptFinding',
    'approve',
    'audit',
    'dashboard',
    'deadLetters',
    'deliver',
    'exemption',
    'findings',
    'health',
    'healthStatus',
    'policy',
    'posture',
    'reconcile',
    'remediate',
    'replayDeadLetters',
    'resourceChanged',
    'resources',
    'secretFlow',
    'selfAudit',
    'sweep',
  ],
  'undo',
];

/** Loads the app as the Functions host does; gives the functions that it registered, and the files that it loaded. */
async function start(): Promise<{
  functions: readonly string[];
  anonymous: readonly string[];
  loaded: readonly string[];
}> {
  const core = provideFunctionsCore(() => undefined);
  try {
    const { cache } = createRequire(join(ROOT, 'package.json'));
    const before = new Set(Object.keys(cache));
    const unload = await loadApp(ROOT, core, () => undefined);
    const loaded = Object.keys(cache).filter((file) => !before.has(file));
    unload();
    const registered = [...core.functions.values()];
    const isAnonymous = ({ metadata }: (typeof registered)[number]): boolean =>
      JSON.stringify(metadata).includes('anonymous');
    return {
      functions: registered.map(({ name }) => name),
      anonymous: registered.filter(isAnonymous).map(({ name }) => name),
      loaded,
    };
  } finally {
    core.remove();
  }
}

describe('what the app loads before a function runs', () => {
  it('is made of three files of ours, and of the library', () => {
    const { inputs, imports } = output('dist/main.js');
    expect(Object.keys(inputs).sort()).toEqual(['src/main.ts', 'src/ncrontab.ts', 'src/sweep-schedule.ts']);
    expect(new Set(imports.map(({ path }) => path))).toEqual(
      new Set(['@azure/functions', './functions/index.js']),
    );
  });

  it('registers every function, and loads nothing else', async () => {
    const { functions, loaded } = await start();
    expect(functions.toSorted()).toEqual(FUNCTIONS);
    expect(loaded).toContain(join(ROOT, 'dist/main.js'));
    const ofOurs = loaded.filter((file) => !file.includes('/node_modules/@azure/functions'));
    expect(ofOurs.filter((file) => !/\/node_modules\/(?:cookie)\//.test(file))).toEqual([
      join(ROOT, 'dist/main.js'),
    ]);
  });

  it('answers nobody without a key, but for the status of its health and a page that holds nothing', async () => {
    expect((await start()).anonymous.toSorted()).toEqual(['dashboard', 'healthStatus']);
  });

  test.each([
    ['no setting', undefined],
    ['a schedule that no timer runs on', 'often'],
    ['an empty one', ''],
    ['one that is no text of a schedule', '\u0000'.repeat(10) + '{}'],
  ])('registers every function with %s', async (_, schedule) => {
    vi.stubEnv('HOLDFAST_SWEEP_SCHEDULE', schedule);
    for (const name of ['HOLDFAST_SCOPES', 'HOLDFAST_MODE', 'HOLDFAST_REMEDIATORS']) vi.stubEnv(name, '=;%');
    onTestFinished(() => void vi.unstubAllEnvs());
    expect((await start()).functions.toSorted()).toEqual(FUNCTIONS);
  });

  it('finds there a handler for each function', () => {
    const load = createRequire(join(ROOT, 'package.json'));
    const handlers = load('./dist/functions/index.js') as Record<string, unknown>;
    const others = ['endTelemetry', 'traced'];
    expect(Object.keys(handlers).toSorted()).toEqual([...FUNCTIONS, ...others].toSorted());
  });

  it('each file with a handler is one that it can load', () => {
    const files = readdirSync(join(ROOT, 'src/functions')).filter((file) => file !== 'index.ts');
    const index = readFileSync(join(ROOT, 'src/functions/index.ts'), 'utf8');
    expect(files.filter((file) => !index.includes(`'./${basename(file, '.ts')}.js'`))).toEqual([]);
  });
});

describe('what it loads then', () => {
  const { inputs, imports } = output('dist/functions/index.js');

  it('holds all packages that it needs: what is left to load comes with Node.js', () => {
    const builtin = new Set(builtinModules.flatMap((name) => [name, `node:${name}`]));
    const others = imports.filter(({ external, path }) => external === true && !builtin.has(path));
    expect(others.map(({ path }) => path)).toEqual(['./export-telemetry.js']);
  });

  it('holds nothing of what sends telemetry, which those load who have configured it', () => {
    expect(
      Object.keys(inputs).filter((file) => /monitor-opentelemetry|opentelemetry\/sdk/.test(file)),
    ).toEqual([]);
    const { imports: ofTelemetry } = output('dist/functions/export-telemetry.js');
    const builtin = new Set(builtinModules.flatMap((name) => [name, `node:${name}`]));
    const left = ofTelemetry.filter(({ external, path }) => external === true && !builtin.has(path));
    // Asked for only where another copy of it is loaded, which is never here.
    expect(left.map(({ path }) => path)).toEqual(['@opentelemetry/instrumentation']);
  });

  it('holds nothing that would loosen anything at the request of whoever has a key', () => {
    const byHand = ['hand-engine', 'do-by-hand', 'temporary-access', 'undo/take-back', 'undo/inverse-edits'];
    const files = byHand.map((name) => `src/engine/${name}.ts`);
    expect(files.filter((file) => file in inputs)).toEqual([]);
    // They are where a person uses them, by these names.
    const { inputs: ofCommands } = output('dist/cli/online.js');
    expect(files.filter((file) => file in ofCommands)).toEqual(files);
  });

  it('holds nothing that is for developers', () => {
    const ours = Object.keys(inputs).filter((file) => !file.startsWith('node_modules/'));
    expect(ours.filter((file) => !file.startsWith('src/'))).toEqual([]);
    const { devDependencies } = z
      .object({ devDependencies: z.record(z.string(), z.string()) })
      .parse(JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')));
    const development = Object.keys(devDependencies).map((name) => `node_modules/${name}/`);
    expect(Object.keys(inputs).filter((file) => development.some((at) => file.startsWith(at)))).toEqual([]);
  });
});

describe('the command line', () => {
  const light = ['dist/cli/main.js', 'dist/cli/offline.js'];
  const files = [...light, 'dist/cli/online.js'];

  it.each(light)('%s holds no client of Azure, and no app', (file) => {
    const inputs = Object.keys(output(file).inputs);
    expect(inputs.filter((input) => /node_modules\/@(?:azure|opentelemetry)\//.test(input))).toEqual([]);
    expect(inputs.filter((input) => /^src\/(?:app|azure|state|delivery|functions)/.test(input))).toEqual([]);
  });

  it.each(files)('%s holds all packages that it needs', (file) => {
    const builtin = new Set(builtinModules.flatMap((name) => [name, `node:${name}`]));
    const parts = readdirSync(join(ROOT, 'dist/cli')).map((name) => `./${name}`);
    const left = output(file).imports.filter(({ external, path }) => external === true && !builtin.has(path));
    expect(left.map(({ path }) => path).filter((path) => !parts.includes(path))).toEqual([]);
  });
});

describe('what the dashboard’s page is made of', () => {
  it('is the page’s own program and the words, and no package', () => {
    const { inputs, imports } = output('dist/dashboard/page.js');
    expect(imports).toEqual([]);
    const others = Object.keys(inputs).filter((file) => !/^src\/(?:dashboard|types)\//.test(file));
    expect(others).toEqual(['src/log-line.ts']);
  });

  it('is in neither of the other bundles', () => {
    const files = ['dist/main.js', 'dist/functions/index.js'].flatMap((file) =>
      Object.keys(output(file).inputs),
    );
    expect(files.filter((file) => file.startsWith('src/dashboard/'))).toEqual([]);
  });
});
