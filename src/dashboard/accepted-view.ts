import type { AcceptedFinding } from './answers.js';
import type { Api } from './api.js';
import { fill, h, named } from './element.js';
import { loadList, NOTHING_YET, type Listed } from './load-list.js';
import { severityMark } from './mark.js';
import { practiceTitle } from './practices.js';
import { resourceName } from './resource-name.js';
import { timeElement } from './time.js';

/** Reads the accepted findings when somebody wants to see them: they stand open all the same. */
export function acceptedView(api: Api, openResource: (resourceId: string) => void): HTMLElement {
  const body = h('div', { role: 'status' });
  const show = ({ items, state, why }: Listed<AcceptedFinding>): boolean => {
    fill(
      body,
      h(
        'ul',
        { class: 'findings' },
        items.map((finding) => acceptedItem(finding, openResource)),
      ),
      state === 'loading' ? h('p', {}, 'More are coming …') : null,
      state === 'failed' ? h('p', { class: 'problem' }, why ?? '') : null,
      items.length === 0 && state === 'all' ? h('p', {}, 'Nobody has accepted any.') : null,
    );
    return true;
  };
  const load = (): void => {
    fill(body, h('p', {}, 'Loading …'));
    const list = { route: 'findings', member: 'findings', query: { accepted: 'true' } };
    const from = { listed: NOTHING_YET, token: null };
    void loadList<AcceptedFinding>(api, list, from, Number.POSITIVE_INFINITY, show);
  };
  return h(
    'section',
    { 'aria-labelledby': 'accepted-title' },
    h('h2', { id: 'accepted-title' }, 'Accepted'),
    h(
      'p',
      {},
      'What somebody takes responsibility for is listed here for as long as it stands. ',
      h('button', { type: 'button', onclick: load }, 'Show what was accepted'),
    ),
    body,
  );
}

function acceptedItem(
  { severity, resourceId, remediator, reason, accepted }: AcceptedFinding,
  openResource: (resourceId: string) => void,
): HTMLElement {
  const open = (): void => {
    openResource(resourceId);
  };
  return h(
    'li',
    { class: 'finding' },
    h(
      'p',
      { class: 'lead' },
      severityMark(severity),
      ' ',
      h(
        'button',
        { type: 'button', class: 'link name', onclick: open },
        named(resourceName(resourceId).name),
      ),
      ' ',
      h('span', { class: 'reason' }, practiceTitle(remediator)),
    ),
    h('p', {}, named(reason)),
    h(
      'p',
      { class: 'step' },
      h('strong', {}, 'Accepted '),
      timeElement(accepted.at),
      ': ',
      named(accepted.reason),
    ),
  );
}
