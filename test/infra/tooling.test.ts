import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { installation } from './installation.js';

/* What azd, the editor and the dev container are told of this repository is so. */

const ROOT = join(__dirname, '../..');
const textOf = (file: string): string => readFileSync(join(ROOT, file), 'utf8');
const json = (file: string): unknown => JSON.parse(textOf(file));
const scripts = (json('package.json') as { readonly scripts: Readonly<Record<string, string>> }).scripts;

interface AzureYaml {
  readonly infra: { readonly provider: string; readonly path: string; readonly module: string };
  readonly services: Readonly<
    Record<string, { readonly project: string; readonly language: string; readonly host: string }>
  >;
  readonly hooks: Readonly<Record<string, Readonly<Record<'posix' | 'windows', { readonly run: string }>>>>;
}
const azd = parse(textOf('azure.yaml')) as AzureYaml;

describe('azure.yaml', () => {
  it('has the service that the template’s app is tagged for, in the folder that is packaged', () => {
    // https://learn.microsoft.com/azure/developer/azure-developer-cli/azd-schema: azd finds the app by this tag.
    const tags = [...JSON.stringify(installation()).matchAll(/"azd-service-name":"(\w+)"/g)];
    expect(Object.keys(azd.services)).toEqual(tags.map(([, name]) => name));
    expect(azd.services.holdfast).toMatchObject({ host: 'function', language: 'js' });
    expect(textOf('scripts/package.mjs')).toContain(`'${azd.services.holdfast?.project ?? ''}'`);
  });

  it('has the group tagged by which azd finds its environment', () => {
    expect(textOf('infra/main.bicep')).toMatch(/tags: \{ 'azd-env-name': environmentName \}/);
  });

  it('deploys the Bicep file that there is', () => {
    const { path, module, provider } = azd.infra;
    expect(provider).toBe('bicep');
    expect(existsSync(join(ROOT, path, `${module}.bicep`))).toBe(true);
    expect(existsSync(join(ROOT, path, `${module}.parameters.json`))).toBe(true);
  });

  it('packages before and tells Event Grid after, on every system', () => {
    const { prepackage, postdeploy } = azd.hooks;
    expect(scripts.package).toBeDefined();
    for (const { run } of Object.values(prepackage ?? {})) expect(run).toContain('npm run package');
    for (const { run } of Object.values(postdeploy ?? {})) {
      expect(run).toMatch(
        /^azd env set HOLDFAST_EVENT_SUBSCRIPTIONS true(?: &&|;) azd provision --no-prompt$/,
      );
    }
    expect(textOf('infra/main.parameters.json')).toContain('${HOLDFAST_EVENT_SUBSCRIPTIONS=false}');
  });
});

describe('the editor', () => {
  it('runs scripts that there are, and deploys what azd does', () => {
    const { tasks } = json('.vscode/tasks.json') as {
      readonly tasks: readonly { readonly script: string }[];
    };
    expect(tasks.map(({ script }) => script).filter((script) => scripts[script] === undefined)).toEqual([]);
    const settings = json('.vscode/settings.json') as Readonly<Record<string, unknown>>;
    expect(settings['azureFunctions.deploySubpath']).toBe(azd.services.holdfast?.project);
    expect(tasks.map(({ script }) => script)).toContain(settings['azureFunctions.preDeployTask']);
    const { configurations } = json('.vscode/launch.json') as {
      readonly configurations: readonly { readonly program?: string }[];
    };
    const programs = configurations.flatMap(({ program }) => (program === undefined ? [] : [program]));
    const paths = programs.map((program) => program.replace('${workspaceFolder}', ROOT));
    expect(paths.filter((path) => !existsSync(path))).toEqual([]);
  });
});

it('the dev container has the Node.js that the app runs on', () => {
  const { image } = json('.devcontainer/devcontainer.json') as { readonly image: string };
  const { version } = /"runtime":\{"name":"node","version":"(?<version>\d+)"\}/.exec(
    JSON.stringify(installation()),
  )?.groups ?? { version: '' };
  expect(image).toMatch(new RegExp(`:${version}$`));
});

describe('a link in a document', () => {
  const documents = globSync(['*.md', 'docs/**/*.md'], { cwd: ROOT });
  /** As GitHub makes an anchor out of a heading. */
  const anchorsOf = (text: string): readonly string[] =>
    [...text.matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    );

  it.each(documents)('leads somewhere: %s', (document) => {
    const text = textOf(document);
    const links = [...text.matchAll(/\]\((?!https?:|mailto:)([^)\s]+)\)/g)].map(([, link = '']) => link);
    const broken = links.filter((link) => {
      const [path = '', anchor] = link.split('#');
      const target = path === '' ? document : join(document, '..', path);
      if (!existsSync(join(ROOT, target))) return true;
      return anchor !== undefined && !anchorsOf(textOf(target)).includes(anchor);
    });
    expect(broken).toEqual([]);
  });
});
