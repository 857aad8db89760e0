import { isByHand } from '../types/by-hand.js';
import type { AuditRecord, Finding, Mode, RemediatorId } from './answers.js';
import type { Estate } from './estate.js';
import { counted, happenedText, isSwept, openText, standing } from './headline-text.js';
import { practiceTitle } from './practices.js';
import { resourceName } from './resource-name.js';
import { shortened } from './shortened.js';
import { sumPosture } from './sum-posture.js';
import { waitingRecords } from './waiting.js';

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
  const waiting = waitingRecords(records.items, modes, estate.resources);
  const drifted = standing(estate, 'drifted');
  const high = findings.items.filter(({ severity }) => severity === 'high');
  const unknown = unknownWhy(estate);
  const todo = [
    ...findings.items.slice(0, 3).map(stepOf),
    ...(waiting.length > 0
      ? [general(`Look at what waits for approval: ${counted(waiting.length, 'plan')}, under Findings.`)]
      : []),
    ...auditSteps(estate, modes),
    ...(estate.policy.kind === 'failed' && drifted > 0 ? [general(unsetText(estate.policy.why))] : []),
    ...(unknown === null ? [] : [general('See why not everything can be told; then press Refresh.')]),
  ];
  const isGood = findings.items.length + waiting.length + drifted === 0 && unknown === null;
  return {
    happened: happenedText(records, now),
    latest: records.items.find((record) => record.outcome === 'applied' && !isByHand(record)) ?? null,
    open: openText(estate, waiting.length, drifted, unknown),
    todo: todo.length === 0 ? [general(drifted === 0 ? NOTHING_TO_DO : WAIT_FOR_SWEEP)] : todo,
    tone: high.length > 0 ? 'bad' : isGood && isSwept(estate) ? 'good' : 'wait',
  };
}

const NOTHING_TO_DO = 'Nothing. What drifts is put right by itself, and recorded.';
const WAIT_FOR_SWEEP =
  'Wait for the next sweep, which tries again; the records of what stays drifted say why.';

/** A drift may wait for the next sweep, for an approval, or for a setting. */
function unsetText(why: string): string {
  return `See under Records what has drifted. How Holdfast is set cannot be told, and so neither whether a drift waits for a person: ${why}`;
}

/** What keeps it from being said that nothing stands open; null where nothing does. */
function unknownWhy({ findings, posture, records }: Estate): string | null {
  if (findings.state === 'failed') return findings.why;
  if (posture.kind === 'failed') return posture.why;
  return records.state === 'failed' ? records.why : null;
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

/** What is only watched stays as it is until somebody decides. */
function auditSteps(
  { posture }: Estate,
  modes: Readonly<Record<RemediatorId, Mode>> | null,
): readonly Step[] {
  if (posture.kind !== 'there' || modes === null) return [];
  const ids = Object.keys(modes) as RemediatorId[];
  const watched = ids.filter(
    (id) => modes[id] === 'audit' && sumPosture(id, posture.value.scopes).drifted > 0,
  );
  if (watched.length === 0) return [];
  const isAll = ids.every((id) => modes[id] === 'audit' || modes[id] === 'off');
  return [
    general(
      isAll
        ? 'Read what is planned, under Records; then set HOLDFAST_MODE to enforce.'
        : `Read what is planned for ${watched.map(practiceTitle).join(', ')}, under Records; it is written once HOLDFAST_REMEDIATORS says enforce.`,
    ),
  ];
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
  return shortened(/^.*?[.!?](?=\s|$)/s.exec(text)?.[0] ?? text, LONGEST);
}
