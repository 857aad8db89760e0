import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { planResource } from '../src/engine/plan-resource.js';
import type { Policy } from '../src/engine/policy.js';
import type { JsonObject } from '../src/types/json.js';
import type { WorkflowObservation } from '../src/types/observation.js';
import { parseResourceId } from '../src/types/resource-id.js';
import { readCorpus } from '../test/workflow/corpus-workflows.js';
import { median } from './median.js';

const ROOT = resolve(__dirname, '../..');
/** Published playbooks, beside the repository where there are any; else those that its own tests have. */
const CORPUS = resolve(ROOT, '../shared/corpus');
const OURS = ['estate', 'templates'].map((folder) => join(ROOT, 'test/fixtures', folder));

const ID = parseResourceId(
  '/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/rg/providers/Microsoft.Logic/workflows/playbook',
);
const NOW = new Date('2026-01-01T00:00:00Z');
/** Everything is written, so that each remediator sees what the ones before it have changed. */
const POLICY: Policy = {
  scopes: [],
  modeOf: () => 'enforce',
  exemptions: () => new Set(),
  ipRetireAfterMs: 0,
  maxChanges: { kind: 'count', count: 50 },
  contestedAfter: 3,
  keepPrincipals: new Set(),
  logWorkspace: null,
};

const WARM_UP = 30;
const REPETITIONS = 15;
/** The processor's time is told in steps of a few milliseconds: each repetition lasts for many of them. */
const PASSES = 10;

/** What one process came to; it is printed as JSON. */
export interface PlanTime {
  readonly ratio: number;
  /** Processor time for all workflows once, in milliseconds. */
  readonly planMs: number;
  readonly parseMs: number;
  readonly workflows: number;
  /** Of all of them, in UTF-16 units. */
  readonly length: number;
}

/**
 * How long it takes to plan workflows with all remediators, beside `JSON.parse` of their texts. Every plan is of a
 * document that has just been parsed, so that nothing of an earlier plan can be of use but the expressions that are known
 * from it (`known-expressions.ts`), as they are in a sweep over workflows that were made from the same templates.
 */
function timePlan(): PlanTime {
  const texts = (existsSync(CORPUS) ? [CORPUS] : OURS).flatMap(textsIn);
  const parsing: number[] = [];
  const planning: number[] = [];
  for (let i = -WARM_UP; i < REPETITIONS; i += 1) {
    const times = timed(texts, i < 0 ? 1 : PASSES);
    if (i < 0) continue;
    parsing.push(times.parse);
    planning.push(times.plan);
  }
  const [parseMs, planMs] = [median(parsing), median(planning)];
  const ratio = median(planning.map((plan, i) => plan / (parsing[i] ?? NaN)));
  const length = texts.reduce((sum, text) => sum + text.length, 0);
  return { ratio, planMs, parseMs, workflows: texts.length, length };
}

function timed(texts: readonly string[], passes: number): { readonly parse: number; readonly plan: number } {
  let [parse, plan] = [0, 0];
  for (let pass = 0; pass < passes; pass += 1) {
    const startedAt = processorMs();
    const documents = texts.map((text) => JSON.parse(text) as JsonObject);
    const parsedAt = processorMs();
    for (const document of documents) planResource(observationOf(document), POLICY, null, NOW);
    parse += parsedAt - startedAt;
    plan += processorMs() - parsedAt;
  }
  return { parse: parse / passes, plan: plan / passes };
}

/** What the process has used of the processor, the threads that collect garbage included: others may be using it, too. */
function processorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** As ARM gives them back: without white space. */
function textsIn(folder: string): readonly string[] {
  return readCorpus(folder)
    .flatMap(({ workflows }) => workflows)
    .map((workflow) => JSON.stringify({ ...workflow, id: ID.id }));
}

function observationOf(workflow: JsonObject): WorkflowObservation {
  return {
    kind: 'workflow',
    id: ID,
    workflow,
    connections: new Map(),
    askedForByName: false,
    flowBetween: { returnsSecret: new Set(), receivesSecret: false },
    exposures: [],
    successors: new Map(),
  };
}

process.stdout.write(JSON.stringify(timePlan()));
