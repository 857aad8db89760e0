import { actorDid } from '../types/by-hand.js';
import type { AuditRecord } from './answers.js';
import { recordDeeds } from './deeds.js';
import { diffView } from './diff-view.js';
import type { Doing } from './doing.js';
import { h, named, type Child } from './element.js';
import { flowSection } from './flow-section.js';
import { historyView } from './history-view.js';
import { mark } from './mark.js';
import { outcomeWord, PRACTICES, practiceTitle } from './practices.js';
import { resourceName } from './resource-name.js';
import { fullTime } from './time.js';
import { whereLine } from './where-line.js';

/** One record in full, as the drawer shows it. */
export function recordPanel(
  doing: Doing,
  record: AuditRecord,
  open: (record: AuditRecord) => void,
): readonly Child[] {
  const { outcome, remediator, resourceId, time, edits, error, warnings } = record;
  return [
    h(
      'p',
      { class: 'lead' },
      mark(outcomeWord(record)),
      ' ',
      h('strong', {}, practiceTitle(remediator)),
      ' · ',
      h('time', { datetime: time, title: `${time} (UTC)` }, fullTime(time)),
    ),
    h('p', { class: 'reason' }, `${outcomeWord(record).meaning} Safe state: ${PRACTICES[remediator].safe}.`),
    whereLine(doing, resourceId),
    error === null ? null : h('section', {}, h('h3', {}, 'Why'), h('p', {}, named(error))),
    h(
      'section',
      {},
      h('h3', {}, changeHead(outcome)),
      edits.length === 0 ? h('p', {}, 'No change is named.') : diffView(edits),
    ),
    warnings.length === 0
      ? null
      : h(
          'section',
          {},
          h('h3', {}, 'To know'),
          h(
            'ul',
            {},
            warnings.map((warning) => h('li', {}, named(warning))),
          ),
        ),
    h('section', {}, h('h3', {}, 'Who caused it'), h('p', {}, whoText(record))),
    recordDeeds(doing, record),
    isWorkflow(resourceId) ? flowSection(doing, resourceId) : null,
    historyView(doing.api, resourceId, record.id, open),
    identifiers(record),
  ];
}

function isWorkflow(resourceId: string): boolean {
  return resourceName(resourceId).kind === 'Logic App';
}

function changeHead(outcome: AuditRecord['outcome']): string {
  if (outcome === 'applied') return 'What was changed: before → after';
  return outcome === 'pending'
    ? 'What is being changed: before → after'
    : 'What would be changed: before → after';
}

function whoText({ actor, trigger, outcome }: AuditRecord): Child {
  if (actor !== null) {
    const who = actor.name ?? actor.id ?? 'Somebody without a name';
    const from = actor.ip === null ? '' : ` from ${actor.ip}`;
    switch (actorDid({ trigger, outcome })) {
      case 'approved':
        return [named(who), ' approved it. Who had written to it stands with the plan, in the history.'];
      case 'ran':
        return [named(who), ' had it done on the command line. Who had written to it before is not known.'];
      case 'wrote':
        return [
          named(`${who}${from}`),
          ' had written to it just before, as the event says. That is no proof of guilt.',
        ];
    }
  }
  switch (trigger) {
    case 'sweep':
      return 'Unknown: a sweep found it, and no event named anybody.';
    case 'http':
    case 'cli':
      return 'Unknown: somebody asked Holdfast to look at it.';
    case 'event':
      return 'Unknown: the event does not say.';
    case 'replay':
      return 'Unknown: a dead letter was replayed.';
  }
}

function identifiers({
  id,
  writeId,
  correlationId,
  armRequestId,
  trigger,
  mode,
  resourceId,
}: AuditRecord): HTMLElement {
  const rows = [
    ['record', id],
    ['resource', resourceId],
    ['trigger', trigger],
    ['mode', mode],
    ['write', writeId],
    ['correlation', correlationId],
    ['ARM request', armRequestId ?? 'none'],
  ] as const;
  return h(
    'details',
    {},
    h('summary', {}, 'Identifiers'),
    h(
      'dl',
      {},
      rows.map(([name, value]) => [h('dt', {}, name), h('dd', {}, named(value))]),
    ),
  );
}
