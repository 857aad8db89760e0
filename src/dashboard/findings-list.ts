import { acceptedView } from './accepted-view.js';
import type { Api } from './api.js';
import type { AuditRecord, Finding } from './answers.js';
import type { Doing } from './doing.js';
import { fill, h, refill } from './element.js';
import type { Estate } from './estate.js';
import { createFinder, type Choice } from './finder.js';
import { findingItem } from './findings-view.js';
import type { Listed } from './load-list.js';
import { createPager } from './pager.js';
import { PRACTICES, practiceTitle } from './practices.js';
import { resourceName } from './resource-name.js';
import { waitingRecords } from './waiting.js';
import { waitingSection } from './waiting-section.js';

export interface FindingsList {
  readonly element: HTMLElement;
  readonly show: (estate: Estate) => void;
}

export interface FindingsListOptions {
  readonly api: Api;
  readonly doing: () => Doing;
  readonly open: (record: AuditRecord) => void;
  readonly openResource: (resourceId: string) => void;
  /** Where the focus goes when what had it is no more. */
  readonly otherwise: () => HTMLElement | null;
}

/** What waits for a person: plans to approve, and what only a person can put right, the worst first. */
export function createFindingsList({
  api,
  doing,
  open,
  openResource,
  otherwise,
}: FindingsListOptions): FindingsList {
  const before = h('div', {});
  const list = h('ul', { class: 'findings' });
  const after = h('div', {}, h('p', {}, 'Loading …'));
  let findings: readonly Finding[] = [];
  let drawn: readonly unknown[] = [];
  let items = new Map<string, HTMLElement>();
  const finder = createFinder<Finding>({
    noun: 'findings',
    choices: CHOICES,
    haystack,
    onChange: () => {
      find(true);
    },
  });
  const pager = createPager<Finding>({
    noun: 'findings',
    draw,
    onTurn: () => {
      pager.status.scrollIntoView({ block: 'nearest' });
    },
  });
  const tools = h(
    'div',
    { hidden: true },
    h('div', { class: 'tools' }, finder.controls),
    h('div', { class: 'tools' }, pager.status, pager.buttons),
  );

  function find(isNew: boolean): void {
    pager.show(finder.find(findings), findings.length, isNew);
  }

  /** One in which somebody may be writing a reason stays as it is, also while it is not shown. */
  function draw(shown: readonly Finding[]): void {
    const written = new Map([...items].filter(([, item]) => item.querySelector('form') !== null));
    const next = shown.map((finding) => {
      const item = written.get(finding.id) ?? findingItem(doing(), finding, openResource);
      return [finding.id, item] as const;
    });
    const open = new Set(findings.map(({ id }) => id));
    items = new Map([...[...written].filter(([id]) => open.has(id)), ...next]);
    // In place, so that the focus stays in one that is kept.
    refill(
      list,
      otherwise(),
      next.map(([, item]) => item),
    );
  }

  return {
    element: h('div', {}, before, tools, list, after, acceptedView(api, openResource)),
    show({ findings: listed, records, resources, abilities, policy }) {
      const modes = policy.kind === 'there' ? policy.value.modes : null;
      const waiting = waitingRecords(records.items, modes, resources);
      // More records come for a while: what says the same stays, somebody may be on it with the keyboard.
      const next = [waiting.map(({ id }) => id).join(' '), listed, abilities, policy];
      if (next.every((part, index) => part === drawn[index])) return;
      drawn = next;
      findings = listed.items;
      refill(before, otherwise(), waiting.length === 0 ? null : waitingSection(waiting, open));
      tools.hidden = findings.length === 0;
      find(false);
      fill(after, afterText(listed, waiting.length));
    },
  };
}

const SEVERITIES = ['high', 'medium', 'low'] as const;
const EXEMPTIONS = '-';

const CHOICES: readonly Choice<Finding>[] = [
  {
    label: 'Severity',
    options: SEVERITIES.map((value) => ({ value, text: value })),
    matches: ({ severity }, value) => severity === value,
  },
  {
    label: 'Practice',
    options: [
      ...Object.entries(PRACTICES).map(([value, { title }]) => ({ value, text: title })),
      { value: EXEMPTIONS, text: practiceTitle(null) },
    ],
    matches: ({ remediator }, value) => (remediator ?? EXEMPTIONS) === value,
  },
];

function haystack({ resourceId, remediator, severity, reason, step }: Finding): string {
  const { kind } = resourceName(resourceId);
  return [resourceId, kind, remediator ?? '', practiceTitle(remediator), severity, reason, step]
    .join(' ')
    .toLowerCase();
}

function afterText({ items, state, why }: Listed<Finding>, waiting: number): HTMLElement | null {
  if (state === 'failed') return h('p', { class: 'problem' }, why ?? '');
  if (state === 'loading') return h('p', {}, items.length === 0 ? 'Loading …' : 'More are coming …');
  if (items.length > 0) return null;
  return h('p', {}, waiting === 0 ? 'Nothing waits for a person.' : 'Nothing else waits for a person.');
}
