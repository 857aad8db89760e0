import { NOT_TOLD } from './abilities.js';
import type { Api } from './api.js';
import type { AuditRecord, Resource } from './answers.js';
import type { Doing } from './doing.js';
import { createDrawer } from './drawer.js';
import { h, named } from './element.js';
import { createEstate, type Estate } from './estate.js';
import { createFindingsList } from './findings-list.js';
import { findingItem, findingsOf } from './findings-view.js';
import { showHealth } from './health-view.js';
import type { Listed } from './load-list.js';
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
  const heading = (): HTMLElement | null => document.querySelector('main .view:not([hidden]) h1');
  const drawer = createDrawer(() => heading()?.focus());
  const estate = createEstate(api, show);
  const overview = createOverview(openRecord, openResourceOf);
  const records = createRecordsView(openRecord, () => void estate.loadOlder());
  const resources = createResourcesView(openResource);
  const findings = createFindingsList({
    api,
    doing,
    open: openRecord,
    openResource: openResourceOf,
    otherwise: heading,
  });
  const health = h('aside', { class: 'health', 'aria-label': 'Health of the installation', hidden: true });
  const freshness = h('span', { role: 'status', class: 'reason' });
  const content: Readonly<Record<ViewName, HTMLElement>> = {
    overview: overview.element,
    findings: findings.element,
    records: records.element,
    resources: resources.element,
  };
  const views = new Map(VIEWS.map((name) => [name, viewOf(name, content[name])]));
  const links = new Map(VIEWS.map((name) => [name, h('a', { href: `#${name}` }, titleOf(name))]));
  let shown: Partial<Estate> = {};
  let told = 0;
  let loads = 0;

  function show(now: Estate): void {
    if (shown.health !== now.health) showHealth(health, now.health);
    overview.show(now);
    if (shown.records !== now.records) records.show(now.records);
    if (shown.resources !== now.resources) resources.show(now.resources);
    findings.show(now);
    // What was opened before the page knew what may be done, and what stands open, says so now.
    if (partsTold(now) > told) {
      told = partsTold(now);
      drawer.redraw();
    }
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

  function openRecord(record: AuditRecord): void {
    drawer.open(named(resourceName(record.resourceId).name), () => recordPanel(doing(), record, openRecord));
  }

  function openResource(resource: Resource): void {
    openResourceOf(resource.resourceId, resource);
  }

  function openResourceOf(resourceId: string, known?: Resource): void {
    drawer.open(named(resourceName(resourceId).name), () => {
      const { resources: listed, findings: all } = estate.now();
      const isIt = (one: Resource): boolean => one.resourceId.toLowerCase() === resourceId.toLowerCase();
      const found = listed.items.find(isIt) ?? known;
      return found === undefined
        ? [
            h('p', {}, notListedText(listed)),
            h(
              'ul',
              { class: 'findings' },
              findingsOf(resourceId, all.items).map((finding) => findingItem(doing(), finding, null)),
            ),
          ]
        : resourcePanel(doing(), found, all, openRecord);
    });
  }

  async function refresh(): Promise<void> {
    loads += 1;
    const own = loads;
    freshness.textContent = 'Loading …';
    await estate.load();
    if (own === loads) freshness.textContent = `As of ${new Date().toLocaleTimeString('sv-SE')}`;
  }

  function route(isMove: boolean): void {
    const wanted = VIEWS.find((name) => location.hash === `#${name}`) ?? 'overview';
    for (const [name, view] of views) view.hidden = name !== wanted;
    for (const [name, link] of links) {
      if (name === wanted) link.setAttribute('aria-current', 'page');
      else link.removeAttribute('aria-current');
    }
    document.title = `${titleOf(wanted)} · Holdfast`;
    if (isMove) heading()?.focus();
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
          heading()?.focus();
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

/** How much of what a drawer shows beside its own has come, part by part. */
function partsTold({ abilities, policy, findings, resources }: Estate): number {
  const parts = [
    abilities.remediate !== NOT_TOLD,
    policy.kind !== 'loading',
    findings.state !== 'loading',
    resources.state !== 'loading',
  ];
  return parts.filter(Boolean).length;
}

/** Why nothing is said of how a resource stands. */
function notListedText({ state, why }: Listed<Resource>): string {
  if (state === 'loading') return 'How this resource stands is still coming …';
  return state === 'failed'
    ? `How this resource stands cannot be told: ${why ?? ''}`
    : 'How this resource stands is not remembered; what was found is about it all the same.';
}

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
