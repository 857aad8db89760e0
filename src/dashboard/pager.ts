import { h } from './element.js';

const ON_A_PAGE = 100;

export interface PagerOptions<T> {
  /** The plural, e.g. `records`. */
  readonly noun: string;
  /** Shows these in place of those that were there before. */
  readonly draw: (shown: readonly T[]) => void;
  /** Called after somebody has turned a page. */
  readonly onTurn: () => void;
}

export interface Pager<T> {
  /** How many there are and which are shown, said when it changes; it takes the focus of a row that goes. */
  readonly status: HTMLElement;
  readonly buttons: readonly HTMLElement[];
  /** Shows what was found of so many; `isNew` begins at the first page. */
  show(found: readonly T[], of: number, isNew: boolean): void;
}

/** What was found, by the hundred, so that a reader hears how many there are. */
export function createPager<T>({ noun, draw, onTurn }: PagerOptions<T>): Pager<T> {
  let found: readonly T[] = [];
  let all = 0;
  let page = 0;
  const status = h('p', { role: 'status', class: 'count', tabindex: '-1' });
  const button = (label: string, by: number): HTMLButtonElement =>
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
  const previous = button('Previous', -1);
  const next = button('Next', 1);

  function turn(by: number): void {
    page += by;
    drawPage();
    // A button that works no more loses the focus.
    if (by > 0 && next.disabled) previous.focus();
    if (by < 0 && previous.disabled) next.focus();
    onTurn();
  }

  function drawPage(): void {
    const pages = Math.max(1, Math.ceil(found.length / ON_A_PAGE));
    page = Math.min(Math.max(page, 0), pages - 1);
    const from = page * ON_A_PAGE;
    const shown = found.slice(from, from + ON_A_PAGE);
    draw(shown);
    const of = found.length === all ? '' : ` of ${all.toLocaleString('en')}`;
    const range = found.length > ON_A_PAGE ? `, showing ${from + 1} to ${from + shown.length}` : '';
    status.textContent = `${found.length.toLocaleString('en')}${of} ${noun}${range}`;
    previous.disabled = page === 0;
    next.disabled = page >= pages - 1;
    previous.hidden = pages === 1;
    next.hidden = pages === 1;
  }

  return {
    status,
    buttons: [previous, next],
    show(given, of, isNew) {
      found = given;
      all = of;
      if (isNew) page = 0;
      drawPage();
    },
  };
}
