import type { AuditRecord, Finding, Mode, RemediatorId } from './answers.js';
import type { Estate } from './estate.js';
import { practiceTitle } from './practices.js';
import { resourceName } from './resource-name.js';
import { durationText } from './time.js';
import { fixesOf, medianFix } from './time-to-fix.js';

const DAY_MS = 86_400_000;

/** What somebody who was just woken has to know, in three sentences. */
export interface Headline {
  readonly happened: string;
  /** What was repaired last; null where that is nothing. */
  readonly latest: AuditRecord | null;
  readonly open: string;
  /** The first is the most urgent. */
  readonly todo: readonly Step[];
  readonly tone: 'good' | 'wait' | 'bad';
}

export interface Step {
  readonly text: string;
  /** Null where it is about no one resource. */
  readonly resourceId: string | null;
}

/** Says it from what has come so far; null until what matters most has. */
export function headlineOf(estate: Estate, now: number): Headline | null {
  const { findings, records, posture } = estate;
  const isEmpty = records.state === 'loading' && records.items.length === 0;
  if (posture.kind === 'loading' || findings.state === 'loading' || isEmpty) return null;
  if (isNew(estate)) return NEVER_LOOKED;
  const modes = estate.policy.kind === 'there' ? estate.policy.value.modes : null;
  const waiting = waitingRecords(records.items, modes);
  const drifted = standing(estate, 'drifted');
  const high = findings.items.filter(({ severity }) => severity === 'high');
  const todo = [
    ...findings.items.slice(0, 3).map(stepOf),
    ...(waiting.length > 0
      ? [general(`Look at what waits for approval: ${counted(waiting.length, 'plan')}, under Findings.`)]
      : []),
    ...(drifted > 0 && modes !== null && isAudit(modes)
      ? [general('Read what is planned, under Records; then set HOLDFAST_MODE to enforce.')]
      : []),
  ];
  return {
    happened: happenedText(records.items, now),
    latest: records.items.find(({ outcome }) => outcome === 'applied') ?? null,
    open: openText(findings.items, waiting.length, drifted),
    todo: todo.length === 0 ? [general('Nothing. What drifts is put right by itself, and recorded.')] : todo,
    tone: high.length > 0 ? 'bad' : findings.items.length + waiting.length + drifted > 0 ? 'wait' : 'good',
  };
}

/** Nothing was ever swept, recorded or remembered. */
export function isNew({ posture, records, findings }: Estate): boolean {
  return (
    posture.kind === 'there' &&
    posture.value.sweptAt === null &&
    posture.value.scopes.every(({ resources }) => resources === 0) &&
    records.state === 'all' &&
    records.items.length === 0 &&
    findings.items.length === 0
  );
}

const NEVER_LOOKED: Headline = {
  happened: 'Nothing yet: Holdfast has not swept its scopes since it was installed.',
  latest: null,
  open: 'Nobody knows yet.',
  todo: [
    general(
      'Wait for the first sweep (HOLDFAST_SWEEP_SCHEDULE, every hour unless you set it), then press Refresh.',
    ),
    general('If it does not come, GET /api/health says what is wrong.'),
  ],
  tone: 'wait',
};

function general(text: string): Step {
  return { text, resourceId: null };
}

/** Plans of remediators that wait for approval: the latest of each resource and practice, if nothing came after it. */
export function waitingRecords(
  records: readonly AuditRecord[],
  modes: Readonly<Record<RemediatorId, Mode>> | null,
): readonly AuditRecord[] {
  const latest = new Map<string, AuditRecord>();
  for (const record of records) {
    const key = `${record.resourceId.toLowerCase()} ${record.remediator}`;
    if (!latest.has(key)) latest.set(key, record);
  }
  return [...latest.values()].filter(
    ({ outcome, remediator }) => outcome === 'planned' && modes?.[remediator] === 'approve',
  );
}

function isAudit(modes: Readonly<Record<RemediatorId, Mode>>): boolean {
  return Object.values(modes).every((mode) => mode === 'audit' || mode === 'off');
}

function standing({ posture }: Estate, wanted: 'drifted' | 'refused'): number {
  if (posture.kind !== 'there') return 0;
  return posture.value.scopes
    .flatMap(({ remediators }) => Object.values(remediators))
    .reduce((sum, one) => sum + one[wanted], 0);
}

function happenedText(records: readonly AuditRecord[], now: number): string {
  const recent = fixesOf(records).filter(({ at }) => now - at < DAY_MS);
  const median = medianFix(recent);
  if (recent.length === 0) return 'Nothing had to be repaired in the last 24 hours.';
  const pace =
    median === null
      ? 'How long that took is unknown.'
      : `Half of them within ${durationText(median)} of being seen.`;
  return `${counted(recent.length, 'drift')} repaired in the last 24 hours. ${pace}`;
}

function openText(findings: readonly Finding[], waiting: number, drifted: number): string {
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
  return parts.length === 0
    ? 'Nothing. All that Holdfast watches is in its safe state.'
    : `${parts.join('; ')}.`;
}

function stepOf({ resourceId, remediator, step }: Finding): Step {
  return {
    text: `${resourceName(resourceId).name}, ${practiceTitle(remediator)}: ${firstSentence(step)}`,
    resourceId,
  };
}

const LONGEST = 160;

/** The rest stands with the finding. */
function firstSentence(text: string): string {
  const sentence = /^.*?[.!?](?=\s|$)/s.exec(text)?.[0] ?? text;
  return sentence.length <= LONGEST ? sentence : `${sentence.slice(0, LONGEST - 1)}…`;
}

function counted(count: number, noun: string): string {
  return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;
}
