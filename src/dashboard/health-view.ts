import type { Health } from './answers.js';
import type { Part } from './estate.js';
import { fill, h, named } from './element.js';
import { mark } from './mark.js';
import type { Word } from './practices.js';

const WORDS: Readonly<Record<Health['status'], Word>> = {
  healthy: { text: 'healthy', tone: 'good', meaning: 'It works.' },
  degraded: { text: 'degraded', tone: 'wait', meaning: 'It works in spite of what is said here.' },
  unhealthy: { text: 'unhealthy', tone: 'bad', meaning: 'This keeps Holdfast from its work.' },
};

/** How the installation itself is: every check where something is wrong, one word where nothing is. */
export function showHealth(element: HTMLElement, part: Part<Health>): void {
  element.hidden = part.kind === 'loading';
  if (part.kind === 'loading') return;
  if (part.kind === 'failed') {
    fill(element, h('p', {}, 'How the installation is cannot be told: ', part.why));
    return;
  }
  const { status, checks, version } = part.value;
  const wrong = checks.filter((check) => check.status !== 'healthy');
  fill(
    element,
    h(
      'p',
      {},
      'The installation is ',
      mark(WORDS[status]),
      h('span', { class: 'reason' }, ` · code ${version}`),
    ),
    wrong.length === 0
      ? null
      : h(
          'ul',
          {},
          wrong.map((check) =>
            h(
              'li',
              {},
              mark(WORDS[check.status]),
              ' ',
              h('strong', {}, check.name),
              ': ',
              named(check.detail),
            ),
          ),
        ),
  );
}
