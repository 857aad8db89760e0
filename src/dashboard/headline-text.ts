import type { AuditRecord, Finding, RemediatorId, Standing } from './answers.js';
import type { Estate } from './estate.js';
import type { Listed } from './load-list.js';
import { sumPosture } from './sum-posture.js';
import { durationText } from './time.js';
import { fixesOf, medianFix } from './time-to-fix.js';

const DAY_MS = 86_400_000;

export function isSwept({ posture }: Estate): boolean {
  return posture.kind === 'there' && posture.value.sweptAt !== null;
}

/** How many times, over all resources and practices, something stands so. */
export function standing({ posture }: Estate, wanted: Standing): number {
  if (posture.kind !== 'there') return 0;
  const { scopes } = posture.value;
  const ids = new Set(scopes.flatMap(({ remediators }) => Object.keys(remediators) as RemediatorId[]));
  return [...ids].reduce((sum, id) => sum + sumPosture(id, scopes)[wanted], 0);
}

/** What was repaired in the last day, as far back as the records have come. */
export function happenedText({ items, state, why }: Listed<AuditRecord>, now: number): string {
  if (items.length === 0 && state === 'failed') return `Cannot be told: ${why ?? ''}`;
  const oldest = items.at(-1);
  const isWhole = state === 'all' || (oldest !== undefined && now - Date.parse(oldest.time) >= DAY_MS);
  const recent = fixesOf(items).filter(({ at }) => now - at < DAY_MS);
  if (recent.length === 0)
    return isWhole
      ? 'Nothing had to be repaired in the last 24 hours.'
      : `No repair is among the newest ${counted(items.length, 'record')}; older ones of the last 24 hours are not loaded.`;
  const median = medianFix(recent);
  const pace =
    median === null
      ? 'How long that took is unknown.'
      : `Half of them within ${durationText(median)} of being seen.`;
  return `${isWhole ? '' : 'At least '}${counted(recent.length, 'drift')} repaired in the last 24 hours. ${pace}`;
}

/** `unknown` is why not everything can be told, as a sentence. */
export function openText(estate: Estate, waiting: number, drifted: number, unknown: string | null): string {
  const findings = estate.findings.items;
  const count = (wanted: Finding['severity']): number =>
    findings.filter(({ severity }) => severity === wanted).length;
  const severities = (['high', 'medium', 'low'] as const).flatMap((one) =>
    count(one) === 0 ? [] : [`${count(one)} ${one}`],
  );
  const parts = [
    ...(severities.length === 0 ? [] : [`${counted(findings.length, 'finding')} (${severities.join(', ')})`]),
    ...(drifted === 0 ? [] : [`${counted(drifted, 'drift')} not put right`]),
    ...(waiting === 0 ? [] : [`${counted(waiting, 'plan')} waiting for approval`]),
  ];
  const known = parts.length === 0 ? '' : `${parts.join('; ')}. `;
  if (unknown !== null) return `${known}${known === '' ? 'Cannot' : 'The rest cannot'} be told: ${unknown}`;
  return known === '' ? nothingOpenText(estate) : known.trimEnd();
}

/** What was allowed to stand is not in its safe state. */
function nothingOpenText(estate: Estate): string {
  if (!isSwept(estate)) return 'Nothing that is known yet: the scopes were never swept completely.';
  const exempt = standing(estate, 'exempt');
  const accepted = estate.resources.items.reduce((sum, one) => sum + one.accepted, 0);
  const left = [
    ...(exempt === 0 ? [] : [`${counted(exempt, 'drift')} exempt`]),
    ...(accepted === 0 ? [] : [`${counted(accepted, 'finding')} accepted`]),
  ];
  return left.length === 0
    ? 'Nothing. All that Holdfast watches is in its safe state.'
    : `Nothing but what was allowed to stand: ${left.join(', ')}.`;
}

export function counted(count: number, noun: string): string {
  return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;
}
