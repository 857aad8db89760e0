import { fill, h } from './element.js';

const HOW = 'az functionapp keys list --resource-group GROUP --name APP --query functionKeys';

/** Asks for the function key; `why` says what was wrong with the last one, null where there was none. */
export function signIn(why: string | null, take: (key: string) => void): HTMLElement {
  const key = h('input', {
    id: 'key',
    type: 'password',
    required: true,
    autocomplete: 'off',
    spellcheck: 'false',
  });
  const asking = h('p', { role: 'status', class: 'reason' });
  return h(
    'main',
    { class: 'sign-in', id: 'main' },
    h('h1', {}, 'Holdfast'),
    h(
      'p',
      {},
      'Holdfast keeps Azure Logic Apps, and the Key Vaults they read, in a safe state, and records every change it makes. This page shows what happened, what stands open, and what to do.',
    ),
    why === null ? null : h('p', { class: 'problem', role: 'alert' }, why),
    h(
      'form',
      {
        onsubmit: (event: Event) => {
          event.preventDefault();
          if (key.value.trim() === '' || asking.textContent !== '') return;
          // An app that nobody has asked for a while takes seconds to start.
          fill(asking, 'Asking the app …');
          take(key.value.trim());
        },
      },
      h('label', { for: 'key' }, 'Function key'),
      key,
      h('button', { class: 'primary' }, 'Show'),
    ),
    asking,
    h(
      'p',
      { class: 'reason' },
      'It goes in a header of each request, and stays in this tab until you press Forget key or close it. Whoever runs the function app has it:',
    ),
    h('pre', { tabindex: '0', 'aria-label': 'command that lists the keys' }, h('code', {}, HOW)),
  );
}
