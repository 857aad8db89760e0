import type { Finding } from './answers.js';
import type { Doing } from './doing.js';
import { fill, h, named, refill } from './element.js';
import { severityMark } from './mark.js';
import { portalLink } from './portal-link.js';
import { practiceTitle } from './practices.js';
import { freshId, pressButton } from './press.js';
import { resourceLink } from './resource-link.js';
import { resourceName } from './resource-name.js';
import { durationText } from './time.js';

/** Those about one resource; ids do not differ by case. */
export function findingsOf(resourceId: string, findings: readonly Finding[]): readonly Finding[] {
  return findings.filter((finding) => finding.resourceId.toLowerCase() === resourceId.toLowerCase());
}

/** One finding: how bad, where, why, and the step to take. `open` null where the resource is being looked at. */
export function findingItem(
  doing: Doing,
  finding: Finding,
  open: ((resourceId: string) => void) | null,
): HTMLElement {
  const { severity, resourceId, remediator, reason, step, since } = finding;
  const { kind, group } = resourceName(resourceId);
  const told = h('div', { tabindex: '-1' });
  return h(
    'li',
    { class: `finding ${severity}` },
    h(
      'p',
      { class: 'lead' },
      severityMark(severity),
      ' ',
      open === null
        ? null
        : [
            resourceLink(resourceId, () => {
              open(resourceId);
            }),
            ' ',
          ],
      h(
        'span',
        { class: 'reason' },
        `${practiceTitle(remediator)} · ${kind}${group === '' ? '' : ' in '}`,
        named(group),
        ` · open for ${durationText(Math.max(0, Date.now() - Date.parse(since)))}`,
      ),
    ),
    h('p', {}, named(reason)),
    h('p', { class: 'step' }, h('strong', {}, 'To do: '), named(step)),
    h(
      'p',
      { class: 'tools' },
      pressButton('Accept', doing.abilities.accept, () => {
        acceptForm(doing, finding, told);
      }),
      portalLink(doing.policy, resourceId),
    ),
    told,
  );
}

/** Somebody takes responsibility: that asks for a reason. */
function acceptForm({ api, onDone }: Doing, { id }: Finding, told: HTMLElement): void {
  const fieldId = freshId('reason');
  const reason = h('input', {
    id: fieldId,
    type: 'text',
    required: true,
    maxlength: '1000',
    autocomplete: 'off',
  });
  const status = h('p', { role: 'status' });
  const accept = async (): Promise<void> => {
    fill(status, 'Accepting …');
    const answer = await api.post('findings/accept', { id, reason: reason.value });
    if (answer.kind === 'ok') {
      refill(
        told,
        told,
        h(
          'p',
          { role: 'status' },
          'Accepted. It is listed under Findings as accepted for as long as it stands; nothing was changed in Azure.',
        ),
      );
      onDone();
    } else fill(status, answer.kind === 'locked' ? 'Your key does not open this.' : answer.why);
  };
  const form = h(
    'form',
    {
      class: 'tools',
      onsubmit: (event: Event) => {
        event.preventDefault();
        void accept();
      },
    },
    h('label', { for: fieldId }, 'Why it may stand'),
    reason,
    h('button', { class: 'primary' }, 'Accept'),
  );
  fill(told, form, status);
  reason.focus();
}
