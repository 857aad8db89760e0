import type { FindingSource, Posture, RemediatorPosture, ScopePosture, Standing } from './answers.js';
import type { Part } from './estate.js';
import { fill, h, s } from './element.js';
import { PRACTICES, STANDING_WORDS } from './practices.js';
import { outermost, sumPosture } from './sum-posture.js';
import { agoText } from './time.js';

const STANDINGS: readonly Standing[] = ['compliant', 'drifted', 'refused', 'exempt'];

export interface PostureView {
  readonly element: HTMLElement;
  readonly show: (posture: Part<Posture>) => void;
}

/** How many resources keep each practice, in all scopes or in one of them. */
export function createPostureView(): PostureView {
  let posture: Posture | null = null;
  const choice = h('select', {
    'aria-label': 'Scope',
    onchange: () => {
      draw();
    },
  });
  const body = h('div', {}, h('p', {}, 'Loading …'));
  const element = h(
    'section',
    { 'aria-labelledby': 'posture-title' },
    h('div', { class: 'tools spread' }, h('h2', { id: 'posture-title' }, 'Posture'), choice),
    body,
  );

  function draw(): void {
    if (posture === null) return;
    const wanted = posture.scopes.filter(({ scope }) => choice.value === '' || scope === choice.value);
    const told = new Set(wanted.flatMap(({ remediators }) => Object.keys(remediators)));
    const practices = (Object.keys(PRACTICES) as FindingSource[]).filter((id) => told.has(id));
    const resources = outermost(wanted).reduce((sum, scope) => sum + scope.resources, 0);
    fill(
      body,
      h(
        'p',
        { class: 'reason' },
        `${resources.toLocaleString('en')} resources in ${wanted.length} ${wanted.length === 1 ? 'scope' : 'scopes'}. `,
        sweptText(posture.sweptAt),
      ),
      practices.length === 0 ? h('p', {}, 'Nothing has been looked at yet.') : table(practices, wanted),
    );
  }

  return {
    element,
    show(part) {
      if (part.kind === 'loading') return;
      if (part.kind === 'failed') {
        fill(body, h('p', { class: 'problem' }, part.why));
        return;
      }
      const chosen = choice.value;
      posture = part.value;
      fill(
        choice,
        h('option', { value: '' }, 'All scopes'),
        posture.scopes.map(({ scope }) => h('option', { value: scope }, scopeName(scope))),
      );
      choice.value = posture.scopes.some(({ scope }) => scope === chosen) ? chosen : '';
      choice.hidden = posture.scopes.length < 2;
      draw();
    },
  };
}

function sweptText(sweptAt: string | null): string {
  return sweptAt === null
    ? 'Never swept completely.'
    : `Last swept completely ${agoText(Date.parse(sweptAt), Date.now())}.`;
}

/** A group by its name, a subscription by its id. */
function scopeName(scope: string): string {
  const [, , subscription = scope, , group] = scope.split('/');
  return group === undefined ? subscription : `${group} (${subscription.slice(0, 8)}…)`;
}

function table(practices: readonly FindingSource[], scopes: readonly ScopePosture[]): HTMLElement {
  return h(
    'table',
    { class: 'posture' },
    h('caption', { class: 'unseen' }, 'Resources by practice and standing'),
    h(
      'thead',
      {},
      h(
        'tr',
        {},
        h('th', { scope: 'col' }, 'practice'),
        h('th', { scope: 'col', class: 'wide' }, h('span', { class: 'unseen' }, 'share')),
        STANDINGS.map((standing) =>
          h(
            'th',
            { scope: 'col', class: 'number', title: STANDING_WORDS[standing].meaning },
            STANDING_WORDS[standing].text,
          ),
        ),
        h('th', { scope: 'col', class: 'number' }, 'findings'),
      ),
    ),
    h(
      'tbody',
      {},
      practices.map((id) => row(id, sumPosture(id, scopes))),
    ),
  );
}

function row(id: FindingSource, counts: RemediatorPosture): HTMLElement {
  const findings = counts.findings.high + counts.findings.medium + counts.findings.low;
  const { title, safe } = PRACTICES[id];
  return h(
    'tr',
    {},
    h('th', { scope: 'row', title: safe }, title, h('small', { class: 'wide' }, safe)),
    h('td', { class: 'wide' }, bar(counts)),
    STANDINGS.map((standing) =>
      h(
        'td',
        { class: `number ${counts[standing] === 0 ? 'zero' : STANDING_WORDS[standing].tone}` },
        counts[standing].toLocaleString('en'),
      ),
    ),
    h(
      'td',
      { class: `number ${findings === 0 ? 'zero' : counts.findings.high > 0 ? 'bad' : 'wait'}` },
      findings.toLocaleString('en'),
    ),
  );
}

/** The share of each standing. The numbers beside it say the same. */
function bar(counts: RemediatorPosture): SVGElement {
  const all = STANDINGS.reduce((sum, standing) => sum + counts[standing], 0);
  let x = 0;
  const parts = STANDINGS.flatMap((standing) => {
    const width = all === 0 ? 0 : (counts[standing] / all) * 100;
    const from = x;
    x += width;
    return width === 0
      ? []
      : [s('rect', { x: from, y: 0, width, height: 8, class: STANDING_WORDS[standing].tone })];
  });
  return s(
    'svg',
    { class: 'bar', viewBox: '0 0 100 8', preserveAspectRatio: 'none', 'aria-hidden': 'true' },
    parts,
  );
}
