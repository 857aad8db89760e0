import { fetchFindings, fetchPosture, fetchRecords, type Finding } from './audit-client.js';
import { nameIn } from './describe-edits.js';
import { findingsText, sayRow } from './first-sweep.js';
import type { Played } from './play-break.js';
import { bold, clip, dim, red, say, sayTable } from './print.js';
import { settle } from './settle.js';
import type { Stack } from './stack.js';

export function sayPlayed(played: readonly Played[]): void {
  say();
  sayTable(
    ['break', 'outcome', 'after', 'by', 'remediators'],
    played.map(({ title, outcome, milliseconds, by, remediators }) => [
      title,
      outcome,
      milliseconds === null ? '–' : `${milliseconds} ms`,
      by,
      remediators.join(', '),
    ]),
  );
}

/** Azure's own journal against the audit log: each write of the app has its `applied` records. */
export async function everyChangeIsRecorded(stack: Stack): Promise<boolean> {
  const changes = stack.simulator.azure.journal.changes({ principal: stack.simulator.identity.objectId });
  const applied = await fetchRecords(stack, { outcome: 'applied' });
  const writeIds = new Set(applied.map((record) => record.writeId));
  const missing = changes.filter(({ clientRequestId }) => !writeIds.has(clientRequestId ?? ''));
  for (const { resourceId } of missing) say(red(`There is no record of a change of ${resourceId}.`));
  say(dim(`${changes.length} changes in Azure by Holdfast, ${applied.length} applied records.`));
  return missing.length === 0;
}

/** What no event announces waits for the next sweep, such as the audit log of a new vault, and counting runs. */
export async function showNextSweep(stack: Stack): Promise<void> {
  const since = new Date().toISOString();
  await stack.sweep();
  await settle(stack);
  const records = await fetchRecords(stack, { since, outcome: 'applied' });
  say();
  say(
    `${bold('The next sweep')} ${dim(records.length === 0 ? 'has nothing to write' : 'puts right what is left')}`,
  );
  for (const record of records) sayRow(record);
}

/** What stands open, and how everything stands. */
export async function sayStanding(stack: Stack): Promise<void> {
  sayFindings(await fetchFindings(stack));
  const { scopes } = await fetchPosture(stack);
  for (const { resources, remediators } of scopes) {
    say();
    say(`${bold('Posture')} ${dim(`GET /api/posture: ${resources} resources`)}`);
    sayTable(
      ['remediator', 'compliant', 'drifted', 'refused', 'exempt', 'findings: high', 'medium', 'low'],
      Object.entries(remediators).map(([id, { compliant, drifted, refused, exempt, findings }]) => [
        id,
        ...[compliant, drifted, refused, exempt, findings.high, findings.medium, findings.low].map(String),
      ]),
    );
  }
}

/** A few of each remediator, so that one does not hide the others. */
const MOST_OF_EACH = 3;

function sample(findings: readonly Finding[]): readonly Finding[] {
  return findings.filter(
    (one, i) =>
      findings.slice(0, i).filter(({ remediator }) => remediator === one.remediator).length < MOST_OF_EACH,
  );
}

function sayFindings(findings: readonly Finding[]): void {
  say();
  say(`${bold('What only a person can put right')} ${dim(`GET /api/findings: ${findingsText(findings)}`)}`);
  const shown = sample(findings);
  sayTable(
    ['severity', 'resource', 'remediator', 'what to do'],
    shown.map(({ severity, resourceId, remediator, step }) => [
      severity,
      clip(nameIn(resourceId), 20),
      remediator ?? '–',
      clip(step, 55),
    ]),
    shown.map(({ reason }) => reason),
  );
  if (findings.length > shown.length) say(dim(`… and ${findings.length - shown.length} more`));
}
