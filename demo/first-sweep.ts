import { fetchFindings, fetchPosture, fetchRecords, type AuditRecord, type Finding } from './audit-client.js';
import { describeEdits, nameIn } from './describe-edits.js';
import { GROUP } from './estate.js';
import { bold, clip, dim, green, say, sayRemarks, sayTable, sayWrapped, WIDTH, yellow } from './print.js';
import { settle } from './settle.js';
import type { Stack } from './stack.js';

/** Sweeps what there was before Holdfast, and says what came of it: the small estate line by line, templates in sum. */
export async function showFirstSweep(stack: Stack): Promise<void> {
  say();
  say(bold('The first sweep: what there was before Holdfast'));
  const startedAt = Date.now();
  await stack.sweep();
  await settle(stack);
  const seconds = ((Date.now() - startedAt) / 1000).toFixed(1);
  const records = [...(await fetchRecords(stack))].reverse();
  const findings = await fetchFindings(stack);
  for (const record of records.filter(isInEstate)) sayRow(record);
  const loaded = { records: records.filter(isLoaded), findings: findings.filter(isLoaded) };
  if (loaded.records.length + loaded.findings.length > 0) sayLoaded(loaded.records, loaded.findings);
  const { scopes } = await fetchPosture(stack);
  const looked = scopes.reduce((sum, scope) => sum + scope.resources, 0);
  say();
  say(`In ${seconds} s: ${looked} resources looked at, ${countsOf(records)}; ${findingsText(findings)}.`);
}

type Placed = Pick<AuditRecord, 'resourceId'>;

function isInEstate({ resourceId }: Placed): boolean {
  return resourceId.toLowerCase().startsWith(`${GROUP.toLowerCase()}/`);
}

function isLoaded(one: Placed): boolean {
  return !isInEstate(one);
}

const RESOURCE_WIDTH = 18;
const REMEDIATOR_WIDTH = 27;
const INDENT = 10;

/** One line for each record, and what whoever reads it should know. */
export function sayRow(record: AuditRecord): void {
  const outcome = record.outcome === 'applied' ? green('fixed  ') : yellow(record.outcome.padEnd(7));
  const [first = '', ...more] = describeEdits(record.edits);
  const edit = `${first}${more.length === 0 ? '' : ` (+${more.length})`}`;
  const resource = nameIn(record.resourceId).padEnd(RESOURCE_WIDTH);
  const room = WIDTH - INDENT - RESOURCE_WIDTH - REMEDIATOR_WIDTH;
  say(`  ${outcome} ${resource} ${record.remediator.padEnd(REMEDIATOR_WIDTH)}${clip(edit, room)}`);
  sayRemarks(record, INDENT, 3);
}

const MOST_REASONS = 8;

/** Many at once: how many by remediator, and each reason to refuse once. */
function sayLoaded(records: readonly AuditRecord[], findings: readonly Finding[]): void {
  const named = [...records, ...findings].map(({ remediator }) => remediator ?? '–');
  const count = (id: string, outcome: string): string =>
    String(records.filter((one) => one.remediator === id && one.outcome === outcome).length);
  say();
  sayTable(
    ['in the templates', 'fixed', 'refused', 'failed', 'findings'],
    [...new Set(named)]
      .sort()
      .map((id) => [
        id,
        count(id, 'applied'),
        count(id, 'refused'),
        count(id, 'failed'),
        String(findings.filter(({ remediator }) => (remediator ?? '–') === id).length),
      ]),
  );
  const reasons = new Map<string, string[]>();
  for (const { resourceId, error, outcome } of records) {
    if (error === null || outcome === 'applied') continue;
    const names = reasons.get(error) ?? [];
    reasons.set(error, [...names, nameIn(resourceId)]);
  }
  say();
  const all = [...reasons].sort(([, a], [, b]) => b.length - a.length);
  if (all.length > 0) say('Not changed, and why:');
  for (const [reason, names] of all.slice(0, MOST_REASONS)) {
    say(`  ${clip([...new Set(names)].join(', '), WIDTH - 2)}`);
    sayWrapped(reason, 6);
  }
  if (all.length > MOST_REASONS) say(dim(`  … and ${all.length - MOST_REASONS} reasons more`));
}

function countsOf(records: readonly AuditRecord[]): string {
  const of = (outcome: string): readonly AuditRecord[] => records.filter((one) => one.outcome === outcome);
  const applied = of('applied');
  const resources = new Set(applied.map(({ resourceId }) => resourceId)).size;
  const refused = of('refused').length;
  const failed = of('failed').length;
  return [
    `${resources} of them changed (${applied.length} records)`,
    `${refused} refused`,
    ...(failed === 0 ? [] : [`${failed} failed`]),
  ].join(', ');
}

export function findingsText(findings: readonly Finding[]): string {
  const of = (severity: Finding['severity']): number =>
    findings.filter((finding) => finding.severity === severity).length;
  return `${findings.length} findings (${of('high')} high, ${of('medium')} medium, ${of('low')} low)`;
}
