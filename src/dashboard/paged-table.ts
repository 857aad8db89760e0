import { fill, h, refill, type Child } from './element.js';
import { createFinder, type Choice } from './finder.js';
import type { Listed } from './load-list.js';
import { createPager } from './pager.js';

export interface Column<T> {
  readonly head: string;
  readonly cell: (row: T) => Child;
  /** Left out where the page is narrow: what it says stands in the drawer, too. */
  readonly isWideOnly?: boolean;
  readonly className?: string;
}

export interface TableOptions<T> {
  readonly caption: string;
  /** The plural, e.g. `records`. */
  readonly noun: string;
  readonly columns: readonly Column<T>[];
  readonly choices: readonly Choice<T>[];
  /** What a search looks through, in lower case. Asked once of each row. */
  readonly haystack: (row: T) => string;
  /** What to say where there is none at all. */
  readonly none: string;
}

export interface PagedTable<T> {
  readonly element: HTMLElement;
  show(listed: Listed<T>): void;
}

/** A table of any length: found by search and choice, shown page by page. */
export function createPagedTable<T extends object>(options: TableOptions<T>): PagedTable<T> {
  const { caption, noun, columns, choices, haystack, none } = options;
  let rows: readonly T[] = [];
  let drawn: readonly T[] = [];
  const finder = createFinder<T>({
    noun,
    choices,
    haystack,
    onChange: () => {
      find(true);
    },
  });
  const pager = createPager<T>({
    noun,
    draw,
    onTurn: () => {
      table.scrollIntoView({ block: 'nearest' });
    },
  });
  const noted = h('p', { class: 'note' });
  const body = h('tbody');
  const table = h(
    'table',
    {},
    h('caption', { class: 'unseen' }, caption),
    h(
      'thead',
      {},
      h(
        'tr',
        {},
        columns.map(({ head, isWideOnly, className }) =>
          h('th', { scope: 'col', class: classOf(isWideOnly, className) }, head),
        ),
      ),
    ),
    body,
  );
  const empty = h('p', { class: 'none' });

  function find(isNew: boolean): void {
    const found = finder.find(rows);
    pager.show(found, rows.length, isNew);
    table.hidden = found.length === 0;
    empty.textContent =
      found.length > 0 ? '' : rows.length > 0 ? `No ${noun} match. Clear the search to see all.` : none;
    empty.hidden = found.length > 0;
  }

  function draw(shown: readonly T[]): void {
    // What is there stays as it is: somebody may be on it with the keyboard while more is loaded.
    if (shown.length === drawn.length && shown.every((row, index) => row === drawn[index])) return;
    refill(
      body,
      pager.status,
      shown.map((row) =>
        h(
          'tr',
          {},
          columns.map((column, index) => cellOf(column, row, index)),
        ),
      ),
    );
    drawn = shown;
  }

  return {
    element: h(
      'div',
      { class: 'paged' },
      h('div', { class: 'tools' }, finder.controls),
      h('div', { class: 'tools' }, pager.status, pager.buttons),
      noted,
      table,
      empty,
    ),
    show(listed) {
      rows = listed.items;
      const note = noteOf(listed);
      fill(noted, note);
      noted.hidden = note === null;
      find(false);
    },
  };
}

/** Why these are not all. */
function noteOf({ state, why }: Listed<unknown>): HTMLElement | null {
  switch (state) {
    case 'loading':
      return h('span', {}, 'More are coming …');
    case 'failed':
      return h('span', { class: 'problem' }, why ?? '');
    case 'more':
    case 'all':
      return null;
  }
}

function cellOf<T>({ cell, isWideOnly, className }: Column<T>, row: T, index: number): HTMLElement {
  const attributes = { class: classOf(isWideOnly, className) };
  return index === 0 ? h('th', { scope: 'row', ...attributes }, cell(row)) : h('td', attributes, cell(row));
}

function classOf(isWideOnly: boolean | undefined, className = ''): string | null {
  const classes = [className, isWideOnly === true ? 'wide' : ''].filter((one) => one !== '');
  return classes.length === 0 ? null : classes.join(' ');
}
