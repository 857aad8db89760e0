import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadTemplates } from '../../demo/load-templates.js';
import { settle } from '../../demo/settle.js';
import { startStack, type Stack } from '../../demo/stack.js';
import type { Azure } from '../../simulator/azure.js';
import type { JournalledRequest } from '../../simulator/journal.js';
import { membersOf } from '../../simulator/raw-json.js';
import type { AuditRecord } from '../../src/types/record.js';
import { eventually, expectLosslessPut, insertionsBetween, recordsOf } from './fault-scenario.js';
import { onlyMainJob } from './main-job.js';

/** Published playbooks, beside the repository where there are any. */
const CORPUS = resolve('../shared/corpus');
/** What no published playbook has: branches of a switch, odd names, two vaults in one workflow, and more. */
const SHAPES = resolve('test/fixtures/estate-shapes');

interface Workflow {
  readonly id: string;
  /** By its resource group, which is named for the template's file: `006`. */
  readonly file: string;
  readonly name: string;
  readonly before: string;
  readonly after: string;
  /** What Holdfast sent to change it. */
  readonly writes: readonly JournalledRequest[];
  readonly records: readonly AuditRecord[];
}

/** Deploys a folder's templates, sweeps until there is nothing left to do, and tells what became of each workflow. */
async function swept(stack: Stack, folder: string): Promise<readonly Workflow[]> {
  const { azure } = stack.simulator;
  await loadTemplates(azure, folder);
  const ids = azure.resourceIds().filter((id) => id.includes('/Microsoft.Logic/workflows/'));
  const before = new Map(ids.map((id) => [id, azure.read(id) ?? '']));
  const mark = azure.journal.mark();
  await stack.sweep();
  await settle(stack);
  await eventually('a sweep finds nothing to write', async () => {
    const again = azure.journal.mark();
    await stack.sweep();
    await settle(stack);
    return azure.journal.writes({ since: again }).length === 0;
  });
  const found: Workflow[] = [];
  for (const id of ids) {
    const [, group = '', name = ''] = /resourceGroups\/rg-([^/]+)\/.*\/([^/]+)$/.exec(id) ?? [];
    found.push({
      id,
      file: group.slice(0, 3),
      name,
      before: before.get(id) ?? '',
      after: azure.read(id) ?? '',
      writes: azure.journal.writes({ since: mark, under: id }),
      records: await recordsOf(stack, id),
    });
  }
  return found;
}

interface Read {
  /** The names on the way to the action, e.g. `actions/For_each/actions/Get_secret`. */
  readonly place: string;
  readonly isOpen: boolean;
}

type Json = Readonly<Record<string, unknown>>;
const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The actions that read a secret, by a rule of their own: the connector's get secret, and GET with a vault's token. */
function secretReads(text: string): { readonly connector: readonly Read[]; readonly http: readonly Read[] } {
  const { properties } = JSON.parse(text) as { properties: { definition: Json; parameters?: Json } };
  const connections = JSON.stringify(properties.parameters ?? {});
  const found = { connector: [] as Read[], http: [] as Read[] };
  const visit = (value: unknown, place: readonly string[]): void => {
    if (!isObject(value)) return;
    const inputs = isObject(value.inputs) ? value.inputs : {};
    const secured = JSON.stringify(value.runtimeConfiguration ?? null).includes('"outputs"');
    const read = { place: place.join('/'), isOpen: !secured };
    const method = String(inputs.method).toLowerCase();
    if (
      value.type === 'ApiConnection' &&
      method === 'get' &&
      /^\/secrets\/.+\/value$/i.test(String(inputs.path))
    ) {
      if (!/customApis/i.test(connections)) found.connector.push(read);
    }
    const authentication = JSON.stringify(inputs.authentication ?? null);
    if (value.type === 'Http' && method === 'get' && authentication.includes('https://vault.azure.net')) {
      found.http.push(read);
    }
    for (const [name, member] of Object.entries(value)) visit(member, [...place, name]);
  };
  visit(properties.definition.actions, ['actions']);
  return found;
}

/** The edits of a workflow's records with that outcome, by the place of the action. */
function placesIn(records: readonly AuditRecord[], outcome: AuditRecord['outcome']): readonly string[] {
  return records
    .filter((record) => record.outcome === outcome && record.remediator === 'workflow-secure-outputs')
    .flatMap((record) => record.edits)
    .map(
      ({ path }) =>
        /^\/properties\/definition\/(.*)\/runtimeConfiguration\/secureData\/properties$/.exec(path)?.[1],
    )
    .map((place) => (place ?? '').replaceAll('~1', '/').replaceAll('~0', '~'))
    .sort();
}

/** Everything but the definition, and when and as which version Azure stored it, is byte for byte as it was. */
function expectSameAround({ before, after }: Workflow): void {
  const [was, is] = [before, after].map(membersOf);
  for (const [name, text] of was ?? []) if (name !== 'properties') expect(is?.get(name)).toBe(text);
  const [old, now] = [was, is].map((members) => membersOf(members?.get('properties') ?? '{}'));
  expect([...(now?.keys() ?? [])].sort()).toEqual([...(old?.keys() ?? [])].sort());
  for (const [name, text] of old ?? []) {
    if (!['definition', 'changedTime', 'version'].includes(name)) expect(now?.get(name)).toBe(text);
  }
}

/** What must be true of any folder of templates, whatever is in it. */
function expectNothingLost(azure: Azure, workflows: readonly Workflow[]): void {
  for (const workflow of workflows) {
    const secured = placesIn(workflow.records, 'applied');
    expect(workflow.writes).toHaveLength(secured.length > 0 ? 1 : 0);
    if (secured.length === 0) expect(workflow.after).toBe(workflow.before);
    for (const { body } of workflow.writes) expectLosslessPut(workflow.before, body ?? '', secured.length);
    const [was, is] = [workflow.before, workflow.after].map((text) =>
      membersOf(membersOf(text).get('properties') ?? '{}').get('definition'),
    );
    expect(insertionsBetween(was ?? '', is ?? '')).toBe(secured.length);
    expectSameAround(workflow);
  }
  expect(workflows.flatMap(({ records }) => records).filter(({ outcome }) => outcome === 'failed')).toEqual(
    [],
  );
  const starts = azure.journal.runs().map(({ requestSequence }) => requestSequence);
  const writes = workflows.flatMap((workflow) => workflow.writes.map(({ sequence }) => sequence));
  expect(starts.filter((sequence) => writes.includes(sequence))).toEqual([]);
}

describe('templates of our own in shapes that no published playbook has', () => {
  let stack: Stack;
  let workflows: readonly Workflow[];
  const named = (name: string): Workflow => {
    const found = workflows.find((workflow) => workflow.name === name);
    if (found === undefined) throw new Error(`There is no workflow ${name}.`);
    return found;
  };

  beforeAll(async () => {
    stack = await startStack({ settings: onlyMainJob() });
    workflows = await swept(stack, SHAPES);
  });
  afterAll(() => stack.close());

  it('each place that gives a secret away is secured, in any branch and under any name', () => {
    expect(placesIn(named('shapes-branches').records, 'applied')).toEqual([
      'actions/Again/actions/Scope~of/odd "names"/actions/Decrypt/it~now',
      'actions/Which/cases/One/actions/In_a_case',
      'actions/Which/default/actions/In_the_default',
    ]);
    const { after } = named('shapes-branches');
    expect(after).toContain('["inputs","outputs"]');
    expect(after).toContain('"contentTransfer"');
    expect(JSON.parse(after)).toMatchObject({ properties: { state: 'Disabled' } });
  });

  it('tracked properties are refused with the reason, and the definition stays', () => {
    const { records } = named('shapes-tracked');
    expect(records.map(({ outcome, error }) => [outcome, error?.includes('trackedProperties')])).toEqual([
      ['refused', true],
    ]);
  });

  it('a connector of one’s own is not the Key Vault connector, whatever the workflow says of it', () => {
    expect(named('shapes-own-connector').records).toEqual([]);
    expect(named('shapes-own-connector').writes).toEqual([]);
  });

  it('nothing else has changed, and nothing was started', () => {
    expect(workflows).toHaveLength(3);
    expectNothingLost(stack.simulator.azure, workflows);
  });
});

describe.skipIf(!existsSync(CORPUS))(
  'published playbooks (skipped where they are not beside the repository)',
  () => {
    let stack: Stack;
    let workflows: readonly Workflow[];

    beforeAll(async () => {
      stack = await startStack({ settings: onlyMainJob() });
      workflows = await swept(stack, CORPUS);
    });
    afterAll(() => stack.close());

    it('are the ones that were counted by hand: 41 get secret, 22 of them open, and 4 reads over HTTP', () => {
      const reads = workflows.map(({ before }) => secretReads(before));
      const connector = reads.flatMap((read) => read.connector);
      expect(connector).toHaveLength(41);
      expect(connector.filter(({ isOpen }) => isOpen)).toHaveLength(22);
      expect(reads.flatMap((read) => read.http)).toHaveLength(4);
    });

    it('each open read of a secret is secured now, or its workflow was refused with the reason', () => {
      for (const { id, before, after, records } of workflows) {
        const { connector, http } = secretReads(before);
        const open = [...connector, ...http].filter(({ isOpen }) => isOpen).map(({ place }) => place);
        const left = secretReads(after);
        const stillOpen = [...left.connector, ...left.http]
          .filter(({ isOpen }) => isOpen)
          .map(({ place }) => place);
        expect([id, placesIn(records, 'refused')]).toEqual([id, stillOpen.sort()]);
        expect([id, [...placesIn(records, 'applied'), ...stillOpen].sort()]).toEqual([id, open.sort()]);
        for (const { outcome, error } of records) {
          if (outcome === 'refused') expect(error).toMatch(/The trigger ".+" has no startTime/);
        }
      }
    });

    it('those that are secured already, and those of a connector of one’s own, are not written at all', () => {
      const secured = workflows.filter(({ before }) => {
        const { connector, http } = secretReads(before);
        return [...connector, ...http].every(({ isOpen }) => !isOpen);
      });
      expect(secured.map(({ file }) => file)).toEqual(expect.arrayContaining(['006', '010', '035']));
      expect(secured.flatMap(({ writes, records }) => [...writes, ...records])).toEqual([]);
    });

    it('nothing else has changed, and nothing was started', () => {
      expect(workflows).toHaveLength(42);
      expectNothingLost(stack.simulator.azure, workflows);
    });
  },
);
