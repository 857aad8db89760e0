import type { Api } from './api.js';
import type { AuditRecord, Resource } from './answers.js';
import type { Doing } from './doing.js';
import { createDrawer } from './drawer.js';
import { fill, h, named } from './element.js';
import { createEstate, type Estate } from './estate.js';
import { findingItem } from './findings-view.js';
import { showHealth } from './health-view.js';
import { waitingRecords } from './headline.js';
import { createOverview } from './overview.js';
import { recordPanel } from './record-panel.js';
import { createRecordsView } from './records-view.js';
import { resourceName } from './resource-name.js';
import { resourcePanel } from './resource-panel.js';
import { createResourcesView } from './resources-view.js';

const VIEWS = ['overview', 'findings', 'records', 'resources'] as const;
type ViewName = (typeof VIEWS)[number];

/** The page for somebody whose key opens the app. */
export function dashboard(api: Api, forget: (() => void) | null): readonly HTMLElement[] {
  const drawer = createDrawer();
  const estate = createEstate(api, show);
  const overview = createOverview(openRecord, openResourceOf);
  const records = createRecordsView(openRecord, () => void estate.loadOlder());
  const resources = createResourcesView(openResource);
  const findings = h('div', {}, h('p', {}, 'Loading …'));
  const health = h('aside', { class: 'health', 'aria-label': 'Health of the installation', hidden: true });
  const freshness = h('span', { role: 'status', class: 'reason' });
  const content: Readonly<Record<ViewName, HTMLElement>> = {
    overview: overview.element,
    findings,
    records: records.element,
    resources: resources.element,
  };
  const views = new Map(VIEWS.map((name) => [name, viewOf(name, content[name])]));
  const links = new Map(VIEWS.map((name) => [name, h('a', { href: `#${name}` }, titleOf(name))]));
  let shown: Partial<Estate> = {};

  function show(now: Estate): void {
    if (shown.health !== now.health) showHealth(health, now.health);
    overview.show(now);
    if (shown.records !== now.records) records.show(now.records);
    if (shown.resources !== now.resources) resources.show(now.resources);
    if (
      shown.findings !== now.findings ||
      shown.abilities !== now.abilities ||
      shown.policy !== now.policy ||
      shown.records !== now.records
    )
      showFindings(now);
    shown = now;
  }

  function doing(): Doing {
    const { abilities, policy } = estate.now();
    return {
      api,
      abilities,
      policy: policy.kind === 'there' ? policy.value : null,
      onDone: () => void refresh(),
    };
  }

  function showFindings({ findings: listed, records: all, policy }: Estate): void {
    // Somebody may be writing a reason here.
    if (findings.contains(document.activeElement) && findings.querySelector('form') !== null) return;
    const waiting = waitingRecords(all.items, policy.kind === 'there' ? policy.value.modes : null);
    fill(
      findings,
      waiting.length === 0
        ? null
        : h(
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
                    h(
                      'button',
                      {
                        type: 'button',
                        class: 'link name',
                        onclick: () => {
                          openRecord(record);
                        },
                      },
                      named(resourceName(record.resourceId).name),
                    ),
                    ` ${record.remediator}`,
                  ),
                ),
              ),
            ),
          ),
      listed.state === 'failed' ? h('p', { class: 'problem' }, listed.why ?? '') : null,
      listed.items.length === 0 && listed.state === 'all' ? h('p', {}, 'Nothing waits for a person.') : null,
      h(
        'ul',
        { class: 'findings' },
        listed.items.slice(0, MOST_FINDINGS).map((finding) => findingItem(doing(), finding, openResourceOf)),
      ),
      listed.items.length > MOST_FINDINGS
        ? h(
            'p',
            { class: 'note' },
            `The worst ${MOST_FINDINGS} of ${listed.items.length.toLocaleString('en')}. The others stand with their resources.`,
          )
        : null,
    );
  }

  function openRecord(record: AuditRecord): void {
    drawer.open(named(resourceName(record.resourceId).name), ...recordPanel(doing(), record, openRecord));
  }

  function openResource(resource: Resource): void {
    const { findings: all } = estate.now();
    drawer.open(
      named(resourceName(resource.resourceId).name),
      ...resourcePanel(doing(), resource, all.items, openRecord),
    );
  }

  function openResourceOf(resourceId: string): void {
    const found = estate
      .now()
      .resources.items.find((one) => one.resourceId.toLowerCase() === resourceId.toLowerCase());
    if (found !== undefined) openResource(found);
    else
      drawer.open(
        named(resourceName(resourceId).name),
        h('p', {}, 'How this resource stands is not remembered; the finding is about it all the same.'),
      );
  }

  async function refresh(): Promise<void> {
    freshness.textContent = 'Loading …';
    await estate.load();
    freshness.textContent = `As of ${new Date().toLocaleTimeString('sv-SE')}`;
  }

  function route(isMove: boolean): void {
    const wanted = VIEWS.find((name) => location.hash === `#${name}`) ?? 'overview';
    for (const [name, view] of views) view.hidden = name !== wanted;
    for (const [name, link] of links) {
      if (name === wanted) link.setAttribute('aria-current', 'page');
      else link.removeAttribute('aria-current');
    }
    document.title = `${titleOf(wanted)} · Holdfast`;
    if (isMove) views.get(wanted)?.querySelector('h1')?.focus();
  }

  addEventListener('hashchange', () => {
    route(true);
  });
  route(false);
  void refresh();
  return [
    h(
      'a',
      {
        class: 'skip',
        href: '#main',
        onclick: (event: Event) => {
          event.preventDefault();
          document.querySelector<HTMLElement>('main section:not([hidden]) h1')?.focus();
        },
      },
      'Skip to the content',
    ),
    h(
      'header',
      {},
      h(
        'p',
        { class: 'brand' },
        h('strong', {}, 'Holdfast'),
        h('span', { class: 'wide' }, ' keeps Logic Apps, and the Key Vaults they read, secure'),
      ),
      h(
        'nav',
        { 'aria-label': 'Views' },
        h(
          'ul',
          {},
          [...links.values()].map((link) => h('li', {}, link)),
        ),
      ),
      h(
        'p',
        { class: 'tools' },
        freshness,
        h('button', { type: 'button', onclick: () => void refresh() }, 'Refresh'),
        forget === null ? null : h('button', { type: 'button', onclick: forget }, 'Forget key'),
      ),
    ),
    h('main', { id: 'main' }, health, [...views.values()]),
    drawer.element,
  ];
}

const MOST_FINDINGS = 200;

function viewOf(name: ViewName, content: HTMLElement): HTMLElement {
  return h(
    'section',
    { 'aria-labelledby': `${name}-head`, class: 'view' },
    h('h1', { id: `${name}-head`, tabindex: '-1' }, titleOf(name)),
    content,
  );
}

function titleOf(name: ViewName): string {
  return { overview: 'Overview', findings: 'Findings', records: 'Records', resources: 'Resources' }[name];
}
