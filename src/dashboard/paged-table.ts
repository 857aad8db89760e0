import { fill, h, refill, type Child } from './element.js';
import type { Listed } from './load-list.js';
import { freshId } from './press.js';

export interface Column<T> {
  readonly head: string;
  readonly cell: (row: T) => Child;
  /** Left out where the page is narrow: what it says stands in the drawer, too. */
  readonly isWideOnly?: boolean;
  readonly className?: string;
}

/** A choice of which rows are shown; the empty value shows all. */
export interface Choice<T> {
  readonly label: string;
  readonly options: readonly { readonly value: string; readonly text: string }[];
  readonly matches: (row: T, value: string) => boolean;
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

const ON_A_PAGE = 100;

/** A table of any length: found by search and choice, shown by the hundred, so that a reader hears how many there are. */
export function createPagedTable<T extends object>(options: TableOptions<T>): PagedTable<T> {
  const { caption, noun, columns, choices, none } = options;
  const haystacks = new WeakMap<T, string>();
  const haystackOf = (row: T): string => {
    const known = haystacks.get(row);
    if (known !== undefined) return known;
    const made = options.haystack(row);
    haystacks.set(row, made);
    return made;
  };
  let rows: readonly T[] = [];
  let found: readonly T[] = [];
  let drawn: readonly T[] = [];
  let page = 0;

  const searchId = freshId('search');
  const search = h('input', {
    id: searchId,
    type: 'search',
    autocomplete: 'off',
    spellcheck: 'false',
    oninput: findAnew,
  });
  const selects = choices.map(({ label, options: given, matches }) => {
    const select = h(
      'select',
      {
        'aria-label': label,
        onchange: findAnew,
      },
      h('option', { value: '' }, `${label}: all`),
      given.map(({ value, text }) => h('option', { value }, text)),
    );
    return { select, matches };
  });
  const status = h('p', { role: 'status', class: 'count', tabindex: '-1' });
  const noted = h('p', { class: 'note' });
  const body = h('tbody');
  const turnButton = (label: string, by: number): HTMLButtonElement =>
    h(
      'button',
      {
        type: 'button',
        onclick: () => {
          turn(by);
        },
      },
      label,
    );
  const previous = turnButton('Previous', -1);
  const next = turnButton('Next', 1);
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
  const element = h(
    'div',
    { class: 'paged' },
    h(
      'div',
      { class: 'tools' },
      h('label', { for: searchId }, `Search ${noun}`),
      search,
      selects.map(({ select }) => select),
    ),
    h('div', { class: 'tools' }, status, previous, next),
    noted,
    table,
    empty,
  );

  function turn(by: number): void {
    page += by;
    draw();
    // A button that works no more loses the focus.
    if (by > 0 && next.disabled) previous.focus();
    if (by < 0 && previous.disabled) next.focus();
    table.scrollIntoView({ block: 'nearest' });
  }

  function findAnew(): void {
    page = 0;
    find();
  }

  function find(): void {
    const words = search.value
      .toLowerCase()
      .split(/\s+/)
      .filter((word) => word !== '');
    const chosen = selects.flatMap(({ select: { value }, matches }) =>
      value === '' ? [] : [(row: T) => matches(row, value)],
    );
    found =
      words.length + chosen.length === 0
        ? rows
        : rows.filter(
            (row) =>
              chosen.every((matches) => matches(row)) &&
              words.every((word) => haystackOf(row).includes(word)),
          );
    draw();
  }

  function draw(): void {
    const pages = Math.max(1, Math.ceil(found.length / ON_A_PAGE));
    page = Math.min(Math.max(page, 0), pages - 1);
    const from = page * ON_A_PAGE;
    const shown = found.slice(from, from + ON_A_PAGE);
    // What is there stays as it is: somebody may be on it with the keyboard while more is loaded.
    if (shown.length !== drawn.length || shown.some((row, index) => row !== drawn[index])) {
      refill(
        body,
        status,
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
    const of = found.length === rows.length ? '' : ` of ${rows.length.toLocaleString('en')}`;
    const range = found.length > ON_A_PAGE ? `, showing ${from + 1} to ${from + shown.length}` : '';
    status.textContent = `${found.length.toLocaleString('en')}${of} ${noun}${range}`;
    previous.disabled = page === 0;
    next.disabled = page >= pages - 1;
    previous.hidden = pages === 1;
    next.hidden = pages === 1;
    table.hidden = found.length === 0;
    empty.textContent =
      found.length > 0 ? '' : rows.length > 0 ? `No ${noun} match. Clear the search to see all.` : none;
    empty.hidden = found.length > 0;
  }

  return {
    element,
    show(listed) {
      rows = listed.items;
      const note = noteOf(listed);
      fill(noted, note);
      noted.hidden = note === null;
      find();
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
