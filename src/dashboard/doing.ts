import type { Abilities } from './abilities.js';
import type { Answer, Api } from './api.js';
import type { Policy } from './answers.js';
import { h, named, refill, type Child } from './element.js';

/** What the buttons of a drawer need to know. */
export interface Doing {
  readonly api: Api;
  readonly abilities: Abilities;
  readonly policy: Policy | null;
  /** Called after something may have been changed. */
  readonly onDone: () => void;
}

/** A place below the buttons where it is said what came of them; it takes the focus of a button in it that goes. */
export interface Told {
  readonly element: HTMLElement;
  readonly tell: (...content: readonly Child[]) => void;
}

export function createTold(): Told {
  const element = h('div', { role: 'status', class: 'told', tabindex: '-1' });
  return {
    element,
    tell: (...content) => {
      refill(element, element, ...content);
    },
  };
}

/** Asks once more before anything is written. */
export function confirm(told: Told, what: string, label: string, go: () => void): void {
  const yes = h('button', { type: 'button', class: 'primary', onclick: go }, `Yes, ${label.toLowerCase()}`);
  const no = h(
    'button',
    {
      type: 'button',
      onclick: () => {
        told.tell(h('p', {}, 'Nothing was changed.'));
      },
    },
    'Cancel',
  );
  told.tell(h('p', {}, what), h('p', { class: 'tools' }, yes, no));
  yes.focus();
}

export function sorry(answer: Exclude<Answer<unknown>, { kind: 'ok' }>): HTMLElement {
  return h('p', {}, answer.kind === 'locked' ? 'Your key does not open this.' : named(answer.why));
}
