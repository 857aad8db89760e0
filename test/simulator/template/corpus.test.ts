import { findNodeAtLocation, parseTree, type Node } from 'jsonc-parser';
import { describe, expect, it } from 'vitest';
import { loadTemplate } from '../../../simulator/template/load-template.js';
import {
  definitionsIn,
  files,
  isHere,
  isWorkflow,
  keyVaultKeys,
  loadFile,
  parse,
  pieces,
  readCorpus,
  type Connection,
  type Workflow,
} from './corpus.js';
import { options } from './load.js';

describe.skipIf(!isHere)('the corpus', () => {
  it('loads whole: 35 files, 42 workflows', () => {
    const counts = files.map((file) => loadFile(file).resources.filter(isWorkflow).length);
    expect([counts.length, counts.reduce((sum, count) => sum + count, 0)]).toEqual([35, 42]);
  });

  it.each(files)('%s keeps every byte of its definitions outside expressions', (file) => {
    const source = readCorpus(file).replace(/^\uFEFF/, '');
    const root = parseTree(source);
    const wanted = root === undefined ? [] : definitionsIn(root);
    const loaded = loadFile(file).resources.filter(isWorkflow);
    expect(wanted.length).toBe(loaded.length);
    for (const [index, { text }] of loaded.entries()) {
      const tree = parseTree(text);
      const definition = tree && findNodeAtLocation(tree, ['properties', 'definition']);
      const before = pieces(wanted[index] as Node, source, (piece) => /^"\[.*\]"$/s.test(piece));
      const after = pieces(definition as Node, text, (_, at) => before[at] === null);
      expect(after).toEqual(before);
    }
  });

  it('leads from each Key Vault action to the connection that the template deploys for it', () => {
    const dead: string[] = [];
    let followed = 0;
    for (const file of files) {
      const { resources } = loadFile(file);
      for (const workflow of resources.filter(isWorkflow).map(parse) as Workflow[]) {
        for (const key of keyVaultKeys(workflow.properties.definition)) {
          const { connectionId = '' } = workflow.properties.parameters?.$connections?.value?.[key] ?? {};
          const connection = resources.find(({ id }) => id.toLowerCase() === connectionId.toLowerCase());
          const api = connection && (parse(connection) as Connection).properties.api.id.toLowerCase();
          if (api?.endsWith('/westeurope/managedapis/keyvault')) followed += 1;
          else dead.push(`${file.slice(0, 3)} ${key}`);
        }
      }
    }
    // 010 is no Key Vault connector and deploys no connection; 017 and 030 name a key that $connections lacks.
    expect({ followed, dead }).toEqual({
      followed: 39,
      dead: ['010 keyvault', '010 keyvault', '017 keyvault', '030 keyvault'],
    });
  });

  it('leaves unresolved what only Azure knows, and nothing else', () => {
    const left = files.flatMap((file) =>
      loadFile(file).unresolved.map(
        ({ pointer, why }) => `${file.slice(0, 3)} ${pointer} ${why.split(' ')[0] ?? ''}`,
      ),
    );
    expect(left).toEqual([
      '010 /resources/0/apiVersion providers()',
      '012 /resources/5/properties/parameterValues/accessKey listKeys()',
      '012 /resources/9/properties/accessPolicies/0/objectId reference()',
      '016 /resources/5/properties/parameterValues/accesskey listKeys()',
      '017 /resources/5/properties/parameterValues/accesskey listKeys()',
      '018 /resources/41/properties/mainTemplate/resources/5/properties/parameterValues/accessKey listKeys()',
      '020 /resources/5/properties/parameterValues/accesskey listKeys()',
      '020 /resources/9/properties/accessPolicies/0/objectId reference()',
      '022 /resources/6/properties/accessPolicies/0/objectId reference()',
      '027 /resources/0/apiVersion providers()',
    ]);
  });

  it('names no workflow by what could not be told: no expression is left in an id', () => {
    const odd = files.flatMap((file) => loadFile(file).resources.filter(({ id }) => /[[\]]/.test(id)));
    expect(odd).toEqual([]);
  });

  it('has no value for what a template does not say, unless the caller lets it assume one', () => {
    const { resources, unresolved, assumed } = loadTemplate(
      readCorpus('007-commvault-disable-saml.json'),
      options,
    );
    expect(resources.filter(isWorkflow)).toHaveLength(1);
    expect(assumed).toEqual([]);
    expect(unresolved.map(({ why }) => why)).toEqual([
      "the parameter 'keyvaultName' has no default and was given no value",
    ]);
  });
});
