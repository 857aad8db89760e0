import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { workflowSecureOutputs } from '../../src/remediators/workflow-secure-outputs.js';
import { applyEdits } from '../../src/types/apply-edits.js';
import type { Json, JsonObject } from '../../src/types/json.js';
import { parseResourceId } from '../../src/types/resource-id.js';
import { isKeyVaultApi, readConnectionFacts } from '../../src/workflow/connections.js';
import { operationsOf } from '../../src/workflow/definition.js';
import { parseTemplate, type Expression } from '../../src/workflow/expression.js';
import { secretActionsOf } from '../../src/workflow/secret-actions.js';
import { hides, secureDataOf } from '../../src/workflow/secure-data.js';
import { readsOf } from '../../src/workflow/vault-reads.js';
import { readCorpus, type CorpusFile } from './corpus-workflows.js';

/** Published playbooks, beside the repository where there are any. */
const CORPUS = resolve(__dirname, '../../../shared/corpus');

/** By hand: file, workflows, actions, get secret by the connector, how many of them are open, GET by HTTP. */
const COUNTED: readonly (readonly [string, number, number, number, number, number])[] = [
  ['001', 1, 24, 1, 1, 0],
  ['002', 1, 14, 1, 1, 0],
  ['003', 1, 14, 2, 2, 0],
  ['004', 1, 17, 2, 2, 0],
  ['005', 1, 15, 1, 1, 0],
  ['006', 1, 22, 2, 0, 0],
  ['007', 1, 5, 2, 2, 0],
  ['008', 1, 8, 2, 0, 0],
  ['009', 1, 30, 0, 0, 0],
  ['010', 1, 6, 0, 0, 0],
  ['011', 1, 9, 2, 2, 0],
  ['012', 1, 16, 1, 1, 0],
  ['013', 1, 38, 0, 0, 2],
  ['014', 1, 53, 1, 1, 0],
  ['015', 1, 17, 1, 1, 0],
  ['016', 3, 146, 3, 1, 0],
  ['017', 2, 58, 2, 0, 0],
  ['018', 5, 49, 1, 1, 0],
  ['019', 1, 5, 1, 0, 0],
  ['020', 1, 29, 1, 0, 0],
  ['021', 1, 23, 0, 0, 0],
  ['022', 1, 5, 3, 3, 0],
  ['023', 1, 25, 0, 0, 0],
  ['024', 1, 15, 0, 0, 0],
  ['025', 1, 84, 0, 0, 0],
  ['026', 1, 9, 1, 1, 0],
  ['027', 1, 1, 0, 0, 0],
  ['028', 1, 44, 1, 1, 0],
  ['029', 1, 11, 0, 0, 2],
  ['030', 1, 39, 1, 1, 0],
  ['031', 1, 7, 1, 0, 0],
  ['032', 1, 43, 3, 0, 0],
  ['033', 1, 27, 1, 0, 0],
  ['034', 1, 17, 1, 0, 0],
  ['035', 1, 8, 3, 0, 0],
];

/** Their Recurrence has no startTime. */
const STARTS_WHEN_WRITTEN = ['003', '004', '016', '029', '030'];

describe.skipIf(!existsSync(CORPUS))('published playbooks', () => {
  const corpus = existsSync(CORPUS) ? readCorpus(CORPUS) : [];

  it.each(COUNTED)(
    '%s: %i workflows, %i actions, %i get secret of which %i open, %i over HTTP',
    (...expected) => {
      const [number] = expected;
      expect(corpus.filter(({ file }) => file.startsWith(number)).map(counted)).toEqual([expected]);
    },
  );

  it('are all counted', () => {
    expect(corpus.map(numberOf)).toEqual(COUNTED.map(([number]) => number));
  });

  it('have no expression that does not parse', () => {
    const texts = corpus
      .flatMap(({ workflows }) => workflows.flatMap(textsIn))
      .filter((text) => text.includes('@'));
    expect(texts.length).toBeGreaterThan(900);
    expect(texts.filter((text) => hasUnparseable(parseTemplate(text)))).toEqual([]);
  });

  it('read a vault wherever they have an open or a hidden secret', () => {
    const reading = corpus.filter(({ workflows }) =>
      workflows.some((workflow) => readsOf(workflow, new Map()).reads.length > 0),
    );
    const secrets = COUNTED.filter(([, , , connector, , http]) => connector + http > 0);
    expect(reading.map(numberOf)).toEqual(secrets.map(([number]) => number));
  });

  it('write a vault whose host name is put together', () => {
    const given = { 'azure key vault': { value: 'vault.azure' } };
    const [workflow] = corpus.find(({ file }) => file.startsWith('032'))?.workflows ?? [];
    const properties = workflow?.properties as JsonObject;
    const { reads } = readsOf({ properties: { ...properties, parameters: given } }, new Map());
    expect(reads.map(({ via }) => via)).toContain('http');
  });

  it('have Key Vault connections of which the API is recognised', () => {
    const withApi = corpus.filter(({ connections }) =>
      connections.some((resource) => isKeyVaultApi(readConnectionFacts(resource).apiId)),
    );
    const secrets = COUNTED.filter(([, , , connector]) => connector > 0).map(([number]) => number);
    // In these two the template's variables hold the id.
    expect(withApi.map(numberOf)).toEqual(secrets.filter((number) => number !== '018' && number !== '031'));
  });

  it('are secured, but for those that a write would start', () => {
    const plans = corpus.flatMap((entry) =>
      entry.workflows.map((workflow) => ({ number: numberOf(entry), workflow, ...planOf(workflow) })),
    );
    const refused = plans.filter(({ refusals }) => refusals.length > 0);
    expect(refused.map(({ number }) => number)).toEqual(STARTS_WHEN_WRITTEN);
    const planned = plans
      .flatMap(({ edits, refusals }) => [edits, ...refusals.map((refusal) => refusal.edits)])
      .flat();
    expect(planned).toHaveLength(22 + 4);
    for (const { workflow, edits } of plans) expect(planOf(applyEdits(workflow, edits)).edits).toEqual([]);
  });
});

function numberOf({ file }: CorpusFile): string {
  return file.slice(0, 3);
}

function planOf(workflow: JsonObject) {
  const id = parseResourceId(
    '/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/rg/providers/Microsoft.Logic/workflows/playbook',
  );
  return workflowSecureOutputs.plan({
    kind: 'workflow',
    id,
    workflow,
    connections: new Map(),
    askedForByName: false,
    flowBetween: { returnsSecret: new Set(), receivesSecret: false },
    exposures: [],
    successors: new Map(),
  });
}

function textsIn(value: Json | undefined): readonly string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null
    ? Object.values(value).flatMap((member) => textsIn(member as Json))
    : [];
}

function hasUnparseable(expression: Expression): boolean {
  return JSON.stringify(expression).includes('"unparseable"');
}

function counted(entry: CorpusFile) {
  const found = entry.workflows.flatMap((workflow) => secretActionsOf(workflow, new Map()));
  const byConnector = found.filter(({ kind }) => kind === 'connector-get-secret');
  const open = byConnector.filter(({ operation }) => {
    const secureData = secureDataOf(operation);
    return secureData.kind === 'list' && !hides(secureData.members, 'outputs');
  });
  return [
    numberOf(entry),
    entry.workflows.length,
    entry.workflows.flatMap(operationsOf).filter(({ kind }) => kind === 'action').length,
    byConnector.length,
    open.length,
    found.filter(({ kind }) => kind === 'http-get-secret').length,
  ];
}
