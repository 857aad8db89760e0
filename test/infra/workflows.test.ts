import { spawnSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse, parseDocument } from 'yaml';

/*
 * What runs when somebody pushes, releases and deploys (https://docs.github.com/actions/reference/workflow-syntax-for-github-actions),
 * and what azd runs. Whoever can change it can change what every installation runs.
 */

const ROOT = join(__dirname, '../..');
const FILES = globSync('.github/workflows/*.yml', { cwd: ROOT });
const textOf = (file: string): string => readFileSync(join(ROOT, file), 'utf8');

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
}
interface Job {
  readonly steps: readonly Step[];
  readonly permissions?: Readonly<Record<string, string>>;
  readonly 'timeout-minutes'?: number;
  readonly needs?: string;
}
interface Workflow {
  readonly on: unknown;
  readonly permissions: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

const workflows = FILES.map((file) => ({
  name: basename(file),
  text: textOf(file),
  workflow: parse(textOf(file)) as Workflow,
}));
const steps = workflows.flatMap(({ name, workflow }) =>
  Object.values(workflow.jobs).flatMap((job) => job.steps.map((step) => ({ name, step }))),
);
const runs = (file: string): string =>
  steps
    .filter(({ name }) => name === file)
    .map(({ step }) => step.run ?? '')
    .join('\n');
const scripts = (JSON.parse(textOf('package.json')) as { readonly scripts: Record<string, string> }).scripts;

describe('a workflow', () => {
  it('is there to test, to release and to deploy', () => {
    expect(workflows.map(({ name }) => name).toSorted()).toEqual(['ci.yml', 'deploy.yml', 'release.yml']);
  });

  it.each(workflows)(
    '$name is YAML, may read and no more unless a job says so, and ends',
    ({ text, workflow }) => {
      expect(parseDocument(text).errors).toEqual([]);
      expect(workflow.permissions).toEqual({ contents: 'read' });
      for (const job of Object.values(workflow.jobs)) expect(job['timeout-minutes']).toBeLessThanOrEqual(30);
    },
  );

  it('takes each action at one commit, and says which version that is', () => {
    // https://docs.github.com/actions/reference/security/secure-use#using-third-party-actions: a tag can be moved.
    const lines = workflows.flatMap(({ text }) => text.split('\n').filter((line) => line.includes('uses:')));
    expect(lines.length).toBeGreaterThan(6);
    expect(lines.filter((line) => !/uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(line))).toEqual(
      [],
    );
  });

  it('leaves no token of the repository behind for what it installs', () => {
    const checkouts = steps.filter(({ step }) => step.uses?.startsWith('actions/checkout@') === true);
    expect(checkouts).toHaveLength(4);
    for (const { step } of checkouts) expect(step.with).toMatchObject({ 'persist-credentials': false });
  });

  it('puts nothing that somebody can type into a script: it goes by the environment', () => {
    expect(steps.filter(({ step }) => step.run?.includes('${{') === true)).toEqual([]);
  });

  it('runs scripts that there are', () => {
    const all = steps.map(({ step }) => step.run ?? '').join('\n');
    const named = [...all.matchAll(/npm run (?:--silent )?([\w-]+)/g)].map(([, script = '']) => script);
    expect(named.filter((script) => scripts[script] === undefined)).toEqual([]);
    expect(globSync('.ci/run', { cwd: ROOT })).toEqual(['.ci/run']);
  });

  it('that has an identity has no secret', () => {
    for (const { text } of workflows) expect(text).not.toMatch(/secrets\./);
    const deploy = workflows.find(({ name }) => name === 'deploy.yml')?.workflow.jobs.deploy;
    expect(deploy?.permissions).toEqual({ contents: 'read', 'id-token': 'write' });
  });

  it('runs no script of a package, and takes nothing from a cache, in a job that may more than read', () => {
    const strong = workflows
      .flatMap(({ workflow }) => Object.values(workflow.jobs))
      .filter(({ permissions }) => permissions !== undefined);
    expect(strong).toHaveLength(2);
    for (const { steps: own } of strong) {
      const installs = own.flatMap(({ run }) => (run?.startsWith('npm ci') === true ? [run] : []));
      expect(installs).toEqual(['npm ci --ignore-scripts']);
      expect(own.filter((step) => step.with?.cache !== undefined)).toEqual([]);
    }
  });

  it('that deploys needs the variables that it names', () => {
    const { text } = workflows.find(({ name }) => name === 'deploy.yml') ?? { text: '' };
    const used = new Set([...text.matchAll(/vars\.(\w+)/g)].map(([, name = '']) => name));
    const described = /description: .*?variables (.*)/.exec(text)?.[1] ?? '';
    expect([...used].toSorted()).toEqual(described.match(/[A-Z_]{6,}/g)?.toSorted());
  });
});

describe('a release', () => {
  const released = /gh release create .*/.exec(runs('release.yml'))?.[0] ?? '';

  it('has what the guide and the template fetch from it', () => {
    const fetched = ['docs/install.md', 'infra/azuredeploy.json', 'README.md'].flatMap((file) =>
      [...textOf(file).matchAll(/releases\/latest\/download\/([\w.-]+)/g)].map(([, name = '']) => name),
    );
    expect(new Set(fetched)).toEqual(new Set(['azuredeploy.json', 'holdfast.zip', 'sentinel.json']));
    const assets = released.split(' ').map((word) => basename(word));
    expect([...new Set(fetched)].filter((name) => !assets.includes(name))).toEqual([]);
  });

  it('says of each file where it comes from, as SECURITY.md has it', () => {
    const attest = steps.find(({ step }) => step.uses?.includes('attest-build-provenance') === true)?.step;
    const subjects = String(attest?.with?.['subject-path']).trim().split('\n');
    const assets = released.split(' ').filter((word) => /\.(?:zip|json)$/.test(word));
    expect(assets).toHaveLength(3);
    expect(subjects.toSorted()).toEqual(assets.toSorted());
    expect(assets.filter((asset) => !textOf('SECURITY.md').includes(basename(asset)))).toEqual([]);
  });

  it('has the version that the app says it has', () => {
    const check = /test "v\$\(node -p .*/.exec(runs('release.yml'))?.[0] ?? '';
    const run = (tag: string): number | null =>
      spawnSync('sh', ['-c', check], { cwd: ROOT, env: { ...process.env, GITHUB_REF_NAME: tag } }).status;
    const { version } = JSON.parse(textOf('package.json')) as { readonly version: string };
    expect(run(`v${version}`)).toBe(0);
    expect(run('v99.0.0')).toBe(1);
  });

  const jobs = workflows.find(({ name }) => name === 'release.yml')?.workflow.jobs ?? {};
  const stepsOf = (job: string): readonly string[] =>
    jobs[job]?.steps.map(({ uses, run }) => run ?? uses ?? '') ?? [];

  it('is tested before it is made, by a job that may read and nothing else', () => {
    expect(stepsOf('test')).toContain('.ci/run');
    expect(jobs.test?.permissions).toBeUndefined();
    expect(jobs.release?.needs).toBe('test');
    expect(stepsOf('release')).not.toContain('.ci/run');
  });

  it('is installed, packed and attested before it is made', () => {
    const at = (part: string): number => stepsOf('release').findIndex((step) => step.includes(part));
    expect(at('npm ci --ignore-scripts')).toBeGreaterThan(-1);
    expect(at('npm ci --ignore-scripts')).toBeLessThan(at('npm run package'));
    expect(at('npm run package')).toBeLessThan(at('attest-build-provenance'));
    expect(at('attest-build-provenance')).toBeLessThan(at('gh release create'));
  });
});
