import type { Edit } from './answers.js';
import { diffOf, type DiffLine } from './diff.js';
import { h, named } from './element.js';

const SIGNS: Readonly<Record<DiffLine['kind'], string>> = {
  same: ' ',
  removed: '−',
  added: '+',
  absent: '−',
};
const SAID: Readonly<Record<DiffLine['kind'], string>> = {
  same: '',
  removed: 'before: ',
  added: 'after: ',
  absent: 'before: ',
};

/** More than this are shown when somebody asks. */
const SHOWN = 20;

/** Each edit with its reason and, line by line, what stood there and what stands there after. */
export function diffView(edits: readonly Edit[]): HTMLElement {
  const list = h('ol', { class: 'edits' }, edits.slice(0, SHOWN).map(editItem));
  const rest = edits.length - SHOWN;
  if (rest <= 0) return list;
  const more: HTMLButtonElement = h(
    'button',
    {
      type: 'button',
      onclick: () => {
        list.append(...edits.slice(SHOWN).map(editItem));
        more.remove();
      },
    },
    `Show ${rest} more`,
  );
  return h('div', {}, list, more);
}

function editItem(edit: Edit): HTMLElement {
  return h(
    'li',
    {},
    h('p', { class: 'because' }, named(edit.reason)),
    h('p', { class: 'path' }, named(edit.path)),
    h(
      'div',
      { class: 'diff', role: 'group', 'aria-label': 'before and after' },
      diffOf(edit).map(lineElement),
    ),
  );
}

function lineElement({ kind, text }: DiffLine): HTMLElement {
  return h(
    'div',
    { class: `line ${kind}` },
    h('span', { class: 'sign', 'aria-hidden': 'true' }, SIGNS[kind]),
    SAID[kind] === '' ? null : h('span', { class: 'unseen' }, SAID[kind]),
    h('bdi', { class: 'text' }, text),
  );
}
