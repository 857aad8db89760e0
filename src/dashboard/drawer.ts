import { fill, h, type Child } from './element.js';

export interface Drawer {
  readonly element: HTMLElement;
  /** Opens it, or shows something else in it; the focus goes to the title. */
  open(title: Child, ...content: readonly Child[]): void;
}

/** Where one thing is shown in full: a modal dialog, so that Escape closes it and the focus stays in it. */
export function createDrawer(): Drawer {
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
    open(head, ...content) {
      fill(title, head);
      fill(body, ...content);
      if (!dialog.open) dialog.showModal();
      dialog.scrollTop = 0;
      title.focus();
    },
  };
}
