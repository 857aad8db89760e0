import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkDocument } from '../../src/template/check-document.js';
import { mend } from '../../src/template/mend.js';
import { loadTemplate } from '../../simulator/template/load-template.js';
import { options } from '../simulator/template/load.js';
import { documentOf, NOW } from './template-of.js';

/** Published playbooks, beside the repository where there are any. */
const CORPUS = resolve(__dirname, '../../../shared/corpus');
const files = existsSync(CORPUS) ? readdirSync(CORPUS).filter((name) => name.endsWith('.json')) : [];

/**
 * Counted by hand: the actions of a file that get a secret, by the connector or over HTTP, and do not hide what they get.
 * What is not named has none.
 */
const OPEN: Readonly<Record<string, number>> = {
  '001': 1,
  '002': 1,
  '003': 2,
  '004': 2,
  '005': 1,
  '007': 2,
  '011': 2,
  '012': 1,
  '013': 2,
  '014': 1,
  '015': 1,
  '016': 1,
  '018': 1,
  '022': 3,
  '026': 1,
  '028': 1,
  '029': 2,
  '030': 1,
};

/** By hand, too: a secure parameter or a key that the template writes where everybody reads it. */
const EXPOSED: Readonly<Record<string, number>> = { '025': 16, '027': 1, '030': 1 };

const deploy = (text: string) =>
  loadTemplate(text, {
    ...options,
    parameters: { workspace: 'soc-ws', 'workspace-location': 'westeurope' },
    fillMissingParameters: true,
  });

describe.skipIf(files.length === 0)('published playbooks', () => {
  it.each(files)('%s', (file) => {
    const text = readFileSync(join(CORPUS, file), 'utf8');
    const document = documentOf(text);
    const checked = checkDocument(document, NOW);
    if (checked === null) throw new Error('It is taken for no template.');
    const number = file.slice(0, 3);
    const of = (rule: string): number => checked.findings.filter((finding) => finding.rule === rule).length;
    expect(of('workflow-secure-outputs')).toBe(OPEN[number] ?? 0);
    expect(of('workflow-plaintext-secrets')).toBe(EXPOSED[number] ?? 0);

    const after = mend(document, checked, NOW);
    const fixable = checked.findings.filter(({ edits }) => edits.length > 0);
    expect(after.mended).toEqual(fixable);
    expect(after.text === text).toBe(fixable.length === 0);
    // Another reading of templates finds the same resources in what was written, with the same parts that it cannot tell.
    const deployed = (template: string): unknown =>
      deploy(template).resources.map(({ id, type }) => [type, id]);
    expect(deployed(after.text)).toEqual(deployed(text));
    expect(deploy(after.text).unresolved.length).toBe(deploy(text).unresolved.length);

    const again = checkDocument(documentOf(after.text), NOW);
    expect(again?.findings.map(({ rule, about }) => [rule, about])).toEqual(
      after.left.map(({ rule, about }) => [rule, about]),
    );
  });
});
