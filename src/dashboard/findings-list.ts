import type { AuditRecord, Finding } from './answers.js';
import type { Doing } from './doing.js';
import { fill, h, refill } from './element.js';
import type { Estate } from './estate.js';
import { findingItem } from './findings-view.js';
import { resourceLink } from './resource-link.js';
import { waitingRecords } from './waiting.js';

export interface FindingsList {
  readonly element: HTMLElement;
  readonly show: (estate: Estate) => void;
}

export interface FindingsListOptions {
  readonly doing: () => Doing;
  readonly open: (record: AuditRecord) => void;
  readonly openResource: (resourceId: string) => void;
  /** Where the focus goes when what had it is no more. */
  readonly otherwise: () => HTMLElement | null;
}

const MOST_FINDINGS = 200;

/** What waits for a person: plans to approve, and what only a person can put right, the worst first. */
export function createFindingsList({
  doing,
  open,
  openResource,
  otherwise,
}: FindingsListOptions): FindingsList {
  const before = h('div', {}, h('p', {}, 'Loading …'));
  const list = h('ul', { class: 'findings' });
  const after = h('div', {});
  let drawn: readonly unknown[] = [];
  let items = new Map<string, HTMLElement>();

  /** One in which somebody may be writing a reason stays as it is. */
  function itemOf(finding: Finding): HTMLElement {
    const known = items.get(finding.id);
    const isWriting = known !== undefined && known.querySelector('form') !== null;
    return isWriting ? known : findingItem(doing(), finding, openResource);
  }

  return {
    element: h('div', {}, before, list, after),
    show({ findings: listed, records, resources, abilities, policy }) {
      const modes = policy.kind === 'there' ? policy.value.modes : null;
      const waiting = waitingRecords(records.items, modes, resources);
      // More records come for a while: what says the same stays, somebody may be on it with the keyboard.
      const next = [waiting.map(({ id }) => id).join(' '), listed, abilities, policy];
      if (next.every((part, index) => part === drawn[index])) return;
      drawn = next;
      const shown = listed.items.slice(0, MOST_FINDINGS);
      items = new Map(shown.map((finding) => [finding.id, itemOf(finding)]));
      refill(before, otherwise(), waiting.length === 0 ? null : waitingSection(waiting, open));
      // In place, so that the focus stays in one that is kept.
      refill(list, otherwise(), [...items.values()]);
      fill(
        after,
        listed.state === 'failed' ? h('p', { class: 'problem' }, listed.why ?? '') : null,
        listed.items.length === 0 && listed.state === 'all'
          ? h('p', {}, 'Nothing waits for a person.')
          : null,
        listed.items.length > MOST_FINDINGS ? h('p', { class: 'note' }, mostText(listed.items.length)) : null,
      );
    },
  };
}

function mostText(count: number): string {
  return `The worst ${MOST_FINDINGS} of ${count.toLocaleString('en')}. The others stand with their resources.`;
}

function waitingSection(waiting: readonly AuditRecord[], open: (record: AuditRecord) => void): HTMLElement {
  return h(
    'section',
    {},
    h('h2', {}, 'Waiting for approval'),
    h(
      'ul',
      { class: 'findings' },
      waiting.map((record) =>
        h(
          'li',
          { class: 'finding' },
          h(
            'p',
            { class: 'lead' },
            resourceLink(record.resourceId, () => {
              open(record);
            }),
            ` ${record.remediator}`,
          ),
        ),
      ),
    ),
  );
}
