import { fill, h, refill, type Child } from './element.js';

export interface Drawer {
  readonly element: HTMLElement;
  /** Opens it, or shows something else in it; the focus goes to the title. */
  open(title: Child, content: () => readonly Child[]): void;
  /** Asks anew for what is shown, where it is open and nobody has asked for anything in it yet. */
  redraw(): void;
}

/**
 * Where one thing is shown in full: a modal dialog, so that Escape closes it and the focus stays in it. The browser gives
 * the focus back to where it was; `onLost` is called where that is no more.
 */
export function createDrawer(onLost: () => void): Drawer {
  let shown: () => readonly Child[] = () => [];
  const title = h('h2', { id: 'drawer-title', tabindex: '-1' });
  const body = h('div', { class: 'drawer-body' });
  const dialog: HTMLDialogElement = h(
    'dialog',
    {
      class: 'drawer',
      'aria-labelledby': 'drawer-title',
      onclick: (event: Event) => {
        // The backdrop is the dialog itself.
        if (event.target === dialog) dialog.close();
      },
      onclose: () => {
        const focused = document.activeElement;
        if (focused === document.body || dialog.contains(focused)) onLost();
      },
    },
    h(
      'div',
      { class: 'drawer-head' },
      title,
      h(
        'button',
        {
          type: 'button',
          onclick: () => {
            dialog.close();
          },
        },
        'Close',
      ),
    ),
    body,
  );
  return {
    element: dialog,
    open(head, content) {
      shown = content;
      fill(title, head);
      fill(body, ...shown());
      if (!dialog.open) dialog.showModal();
      dialog.scrollTop = 0;
      title.focus();
    },
    redraw() {
      const isUsed = body.querySelector('.told:not(:empty), form, .flow') !== null;
      if (dialog.open && !isUsed) refill(body, title, ...shown());
    },
  };
}
