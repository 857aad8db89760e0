import type { AuditRecord, Finding, Kind, Resource, SecretFlow } from './answers.js';
import { recordDeeds, resourceDeeds, sorry, type Doing } from './deeds.js';
import { diffView } from './diff-view.js';
import { fill, h, named, type Child } from './element.js';
import { findingItem } from './findings-view.js';
import { flowView } from './flow-view.js';
import { historyView } from './history-view.js';
import { mark } from './mark.js';
import { portalLink } from './portal-link.js';
import { OUTCOME_WORDS, PRACTICES, practiceTitle, STANDING_WORDS } from './practices.js';
import { pressButton } from './press.js';
import { resourceName } from './resource-name.js';
import { fullTime } from './time.js';

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
      mark(OUTCOME_WORDS[outcome]),
      ' ',
      h('strong', {}, practiceTitle(remediator)),
      ' · ',
      h('time', { datetime: time, title: `${time} (UTC)` }, fullTime(time)),
    ),
    h(
      'p',
      { class: 'reason' },
      `${OUTCOME_WORDS[outcome].meaning} Safe state: ${PRACTICES[remediator].safe}.`,
    ),
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

/** A resource: how it stands, what is open, what can be done, and what was. */
export function resourcePanel(
  doing: Doing,
  resource: Resource,
  findings: readonly Finding[],
  open: (record: AuditRecord) => void,
): readonly Child[] {
  const { resourceId, remediators, kind, accepted } = resource;
  const own = findings.filter((finding) => finding.resourceId.toLowerCase() === resourceId.toLowerCase());
  const standings = Object.entries(remediators) as [keyof typeof remediators, keyof typeof STANDING_WORDS][];
  return [
    whereLine(doing, resourceId),
    h(
      'section',
      {},
      h('h3', {}, 'How it stands'),
      standings.length === 0
        ? h('p', {}, 'No practice is watched on it.')
        : h(
            'table',
            {},
            h('caption', { class: 'unseen' }, 'Practices'),
            h(
              'tbody',
              {},
              standings.map(([id, standing]) =>
                h(
                  'tr',
                  {},
                  h('th', { scope: 'row' }, practiceTitle(id)),
                  h('td', {}, mark(STANDING_WORDS[standing])),
                  h('td', { class: 'reason wide' }, PRACTICES[id].safe),
                ),
              ),
            ),
          ),
    ),
    h(
      'section',
      {},
      h('h3', {}, 'What stands open'),
      own.length === 0
        ? h('p', {}, accepted === 0 ? 'Nothing.' : `Nothing but what was accepted (${accepted}).`)
        : h(
            'ul',
            { class: 'findings' },
            own.map((finding) => findingItem(doing, finding, null)),
          ),
    ),
    resourceDeeds(doing, resourceId, applicable(doing, kind)),
    kind === 'workflow' ? flowSection(doing, resourceId) : null,
    historyView(doing.api, resourceId, null, open),
  ];
}

/** Those that a kind of resource can have; by the first word of their ids. */
function applicable({ policy }: Doing, kind: Kind) {
  return Object.keys(policy?.modes ?? {}).filter((id) => id.startsWith(kind)) as (keyof NonNullable<
    typeof policy
  >['modes'])[];
}

function whereLine({ policy }: Doing, resourceId: string): HTMLElement {
  const { kind, group, subscription } = resourceName(resourceId);
  return h(
    'p',
    { class: 'where' },
    kind,
    ' in ',
    named(group),
    ' of ',
    named(subscription),
    ' ',
    portalLink(policy, resourceId),
  );
}

function isWorkflow(resourceId: string): boolean {
  return resourceName(resourceId).kind === 'Logic App';
}

function flowSection({ api, abilities }: Doing, resourceId: string): HTMLElement {
  const body = h('div', { role: 'status' });
  const draw = async (): Promise<void> => {
    fill(body, h('p', {}, 'Reading the workflow …'));
    const answer = await api.get<SecretFlow>('secret-flow', { resourceId });
    fill(body, answer.kind === 'ok' ? flowView(answer.body) : sorry(answer));
  };
  return h(
    'section',
    {},
    h('h3', {}, 'Secret flow'),
    h(
      'p',
      {},
      pressButton('Draw where its secrets go', abilities.flow, () => void draw()),
    ),
    body,
  );
}

function changeHead(outcome: AuditRecord['outcome']): string {
  if (outcome === 'applied') return 'What was changed: before → after';
  return outcome === 'pending'
    ? 'What is being changed: before → after'
    : 'What would be changed: before → after';
}

function whoText({ actor, trigger }: AuditRecord): Child {
  if (actor !== null) {
    const who = actor.name ?? actor.id ?? 'Somebody without a name';
    const from = actor.ip === null ? '' : ` from ${actor.ip}`;
    return [
      named(`${who}${from}`),
      ' had written to it just before, as the event or the approval says. That is no proof of guilt.',
    ];
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
