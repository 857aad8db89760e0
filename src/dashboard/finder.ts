import { h, type Child } from './element.js';
import { freshId } from './press.js';

/** A choice of which rows are shown; the empty value shows all. */
export interface Choice<T> {
  readonly label: string;
  readonly options: readonly { readonly value: string; readonly text: string }[];
  readonly matches: (row: T, value: string) => boolean;
}

export interface FinderOptions<T> {
  /** The plural, e.g. `records`. */
  readonly noun: string;
  readonly choices: readonly Choice<T>[];
  /** What a search looks through, in lower case. Asked once of each row. */
  readonly haystack: (row: T) => string;
  /** Called when something else is looked for. */
  readonly onChange: () => void;
}

export interface Finder<T> {
  /** The field to search in, and the choices. */
  readonly controls: readonly Child[];
  /** Those rows that have every word and every choice, in their order. */
  find(rows: readonly T[]): readonly T[];
}

/** Finds rows by any words in them, and by choices. */
export function createFinder<T extends object>(options: FinderOptions<T>): Finder<T> {
  const { noun, choices, onChange } = options;
  const haystacks = new WeakMap<T, string>();
  const haystackOf = (row: T): string => {
    const known = haystacks.get(row);
    if (known !== undefined) return known;
    const made = options.haystack(row);
    haystacks.set(row, made);
    return made;
  };
  const searchId = freshId('search');
  const search = h('input', {
    id: searchId,
    type: 'search',
    autocomplete: 'off',
    spellcheck: 'false',
    oninput: onChange,
  });
  const selects = choices.map(({ label, options: given }) =>
    h(
      'select',
      { 'aria-label': label, onchange: onChange },
      h('option', { value: '' }, `${label}: all`),
      given.map(({ value, text }) => h('option', { value }, text)),
    ),
  );
  return {
    controls: [h('label', { for: searchId }, `Search ${noun}`), search, selects],
    find(rows) {
      const words = search.value
        .toLowerCase()
        .split(/\s+/)
        .filter((word) => word !== '');
      const chosen = choices.flatMap(({ matches }, index) => {
        const value = selects[index]?.value ?? '';
        return value === '' ? [] : [(row: T) => matches(row, value)];
      });
      if (words.length + chosen.length === 0) return rows;
      return rows.filter(
        (row) =>
          chosen.every((matches) => matches(row)) && words.every((word) => haystackOf(row).includes(word)),
      );
    },
  };
}
