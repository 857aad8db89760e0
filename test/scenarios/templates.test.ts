import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fetchRecords, type AuditRecord } from '../../demo/audit-client.js';
import { loadTemplates, type LoadReport } from '../../demo/load-templates.js';
import { settle } from '../../demo/settle.js';
import { startStack, type Stack } from '../../demo/stack.js';
import { onlyMainJob } from './main-job.js';

const CORPUS = resolve('../shared/corpus');
const SECURED = '"runtimeConfiguration": {"secureData":{"properties":["outputs"]}}';

interface Swept {
  readonly report: LoadReport;
  /** Each workflow's text by id, before the sweep and after it. */
  readonly before: ReadonlyMap<string, string>;
  readonly after: ReadonlyMap<string, string>;
  readonly records: readonly AuditRecord[];
  readonly writes: readonly string[];
}

/** Loads a folder of templates, sweeps, and waits until there is nothing left to do. */
async function sweepFolder(stack: Stack, folder: string): Promise<Swept> {
  const { azure } = stack.simulator;
  const report = await loadTemplates(azure, folder);
  const ids = azure.resourceIds().filter((id) => id.includes('/Microsoft.Logic/workflows/'));
  const textsOf = () => new Map(ids.map((id) => [id, azure.read(id) ?? '']));
  const before = textsOf();
  const mark = azure.journal.mark();
  await stack.sweep();
  await settle(stack);
  const writes = azure.journal.writes({ since: mark, changed: true }).map(({ path }) => path.toLowerCase());
  return { report, before, after: textsOf(), records: await fetchRecords(stack.hostUrl), writes };
}

/** The text of a workflow's definition, byte for byte. */
function definitionIn(text: string): string {
  const start = text.indexOf('"definition"');
  const open = text.indexOf('{', start);
  let depth = 0;
  let isString = false;
  for (let i = open; i < text.length; i++) {
    if (isString) {
      if (text[i] === '\\') i++;
      else if (text[i] === '"') isString = false;
    } else if (text[i] === '"') isString = true;
    else if (text[i] === '{') depth++;
    else if (text[i] === '}' && --depth === 0) return text.slice(open, i + 1);
  }
  throw new Error('There is no definition.');
}

/** Takes the insertions out again. */
function withoutInsertions(definition: string): string {
  return definition.replaceAll(`,${SECURED}`, '');
}

const changed = ({ before, after }: Swept): readonly string[] =>
  [...before.keys()].filter((id) => definitionIn(before.get(id) ?? '') !== definitionIn(after.get(id) ?? ''));

const editsOf = (swept: Swept, outcome: string): readonly string[] =>
  swept.records
    .filter((record) => record.remediator === 'workflow-secure-outputs' && record.outcome === outcome)
    .flatMap((record) => record.edits.map(({ path }) => `${record.resourceId}${path}`));

describe('templates of our own', () => {
  let stack: Stack;
  let swept: Swept;
  beforeAll(async () => {
    stack = await startStack({ settings: onlyMainJob() });
    swept = await sweepFolder(stack, 'test/fixtures/estate');
  });
  afterAll(() => stack.close());

  test('have their secrets secured or are refused with the reason', () => {
    const named = (id: string): string => id.slice(id.lastIndexOf('/workflows/') + '/workflows/'.length);
    expect(editsOf(swept, 'applied').map(named).sort()).toEqual([
      'nested/properties/definition/actions/For_each/actions/Is_it_known/else/actions/Get_secret/runtimeConfiguration/secureData/properties',
      'nested/properties/definition/actions/Read_by_HTTP/runtimeConfiguration/secureData/properties',
    ]);
    const refused = swept.records.filter(({ outcome }) => outcome === 'refused');
    const reasons = refused.map(({ resourceId, error }) => [named(resourceId), error]).sort();
    expect(reasons).toEqual([
      ['recurring', expect.stringContaining('has no startTime')],
      ['with-secure-parameter', expect.stringContaining('declares secure parameters')],
    ]);
  });

  test('keep every other byte, digits and escapes included', () => {
    expect(changed(swept)).toHaveLength(1);
    for (const id of swept.before.keys()) {
      const was = definitionIn(swept.before.get(id) ?? '');
      expect(withoutInsertions(definitionIn(swept.after.get(id) ?? '')), id).toBe(was);
    }
    const nested = [...swept.after].find(([id]) => id.endsWith('/nested'))?.[1] ?? '';
    expect(nested).toContain('12345678901234567890');
    expect(nested).toContain('"ratio": 1.0');
    expect(nested).toContain('caf\\u00e9');
  });
});

describe.skipIf(!existsSync(CORPUS))('the playbooks of the corpus (skipped where it is absent)', () => {
  let stack: Stack;
  let swept: Swept;
  beforeAll(async () => {
    stack = await startStack({ settings: onlyMainJob() });
    swept = await sweepFolder(stack, CORPUS);
  });
  afterAll(() => stack.close());

  test('all load, and what cannot be resolved is said', () => {
    expect(swept.report).toMatchObject({ files: 35, workflows: 42 });
    expect(swept.report.remarks.filter((remark) => remark.includes('listKeys()')).length).toBeGreaterThan(0);
  });

  test('each action that gave a secret away is secured or refused with a reason: 22 get secret and 4 HTTP reads', () => {
    const applied = editsOf(swept, 'applied');
    const refused = editsOf(swept, 'refused');
    expect(new Set([...applied, ...refused]).size).toBe(26);
    expect(applied).toHaveLength(18);
    expect(refused).toHaveLength(8);
    for (const record of swept.records.filter(({ outcome }) => outcome === 'refused')) {
      expect(record.error).toContain('has no startTime');
    }
  });

  test('no other byte of any definition has changed', () => {
    expect(changed(swept)).not.toEqual([]);
    for (const id of swept.before.keys()) {
      const was = definitionIn(swept.before.get(id) ?? '');
      expect(withoutInsertions(definitionIn(swept.after.get(id) ?? '')), id).toBe(was);
    }
  });

  test('a workflow in which nothing is to change is not written', () => {
    const written = swept.writes.filter((path) => path.includes('/microsoft.logic/'));
    expect(written.sort()).toEqual(
      changed(swept)
        .map((id) => id.toLowerCase())
        .sort(),
    );
  });

  test('a second sweep finds nothing to write and records nothing new', async () => {
    const mark = stack.simulator.azure.journal.mark();
    await stack.sweep();
    await settle(stack);
    expect(stack.simulator.azure.journal.writes({ since: mark })).toEqual([]);
    expect(await fetchRecords(stack.hostUrl)).toHaveLength(swept.records.length);
  });
});
