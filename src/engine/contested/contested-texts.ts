import type { Finding } from '../../remediators/remediator.js';
import type { Actor } from '../../types/record.js';
import type { RemediatorId } from '../../types/remediator-id.js';
import { changeAtSource } from './change-at-source.js';
import type { PausedEdits } from './hold-contested.js';
import { shortList } from './template-text.js';

/** What the record of contested edits says beside them: for how long they are left alone, and how to end it. */
export function contestedWarnings({ edits, pause: { since, until, count } }: PausedEdits): readonly string[] {
  const { bicep, terraform } = changeAtSource(edits);
  return [
    `Somebody else keeps reverting this, so Holdfast leaves it alone from ${since} until ${until} (pause ${count}) and then tries once more. POST /api/remediate makes it at once.`,
    `If a template puts it back, change it there. In Bicep: ${bicep}`,
    `In Terraform: ${terraform}`,
  ];
}

/** That it stands open, for as long as it is left alone; one finding, however many pauses. */
export function contestedFindings(
  remediator: RemediatorId,
  paused: readonly PausedEdits[],
): readonly Finding[] {
  if (paused.length === 0) return [];
  const places = [...new Set(paused.flatMap(({ edits }) => edits.map(({ path }) => path)))];
  const until = paused.map(({ pause }) => pause.until).sort()[0] ?? '';
  const who = nameOf(paused.find(({ actor }) => actor !== null)?.actor ?? null);
  const { bicep, terraform } = changeAtSource(paused.flatMap(({ edits }) => edits));
  return [
    {
      severity: 'high',
      about: 'contested',
      reason: `${who} keeps reverting what ${remediator} puts right at ${shortList(places)}, so it is left alone until ${until}.`,
      step: `Have it stop, or change what puts it back. In Bicep: ${bicep} In Terraform: ${terraform}`,
    },
  ];
}

/** As the event names it, which is text of anybody's. */
function nameOf(actor: Actor | null): string {
  const name = actor?.name ?? actor?.id ?? null;
  return name === null ? 'Somebody else' : JSON.stringify(name);
}
