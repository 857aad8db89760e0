import { createApi } from './api.js';
import type { Policy } from './answers.js';
import { dashboard } from './dashboard.js';
import { fill, h, type Child } from './element.js';
import { sessionKey } from './session-key.js';
import { signIn } from './sign-in.js';

const body = document.body;

function show(...children: readonly Child[]): void {
  fill(body, ...children);
}

function ask(why: string | null): void {
  show(
    signIn(why, (key) => {
      void enter(key);
    }),
  );
  document.querySelector('input')?.focus();
}

/** Shows the page to whoever's key opens at least the policy, records or posture; without one, where none is asked for. */
async function enter(key: string | null): Promise<void> {
  const api = createApi(key);
  const answers = await Promise.all([
    api.get<Policy>('policy'),
    api.get('audit', { limit: 1 }),
    api.get('posture'),
  ]);
  const [first] = answers;
  if (answers.every(({ kind }) => kind === 'locked')) {
    sessionKey.forget();
    ask(key === null ? null : 'This key opens nothing here. It may have been renewed, or be of another app.');
    return;
  }
  if (answers.every(({ kind }) => kind === 'unreachable') && first.kind === 'unreachable') {
    unreachable(first.why, key);
    return;
  }
  if (key !== null) sessionKey.keep(key);
  show(...dashboard(api, key === null ? null : forget));
}

function forget(): void {
  sessionKey.forget();
  location.reload();
}

function unreachable(why: string, key: string | null): void {
  show(
    h(
      'main',
      { class: 'sign-in', id: 'main' },
      h('h1', {}, 'Holdfast does not answer'),
      h('p', { role: 'alert' }, why),
      h(
        'p',
        {},
        'See in the Azure portal whether the function app runs, and whether its network lets you in. Nothing is lost meanwhile: the next sweep looks at everything.',
      ),
      h(
        'p',
        {},
        h('button', { type: 'button', class: 'primary', onclick: () => void enter(key) }, 'Try again'),
      ),
    ),
  );
}

void enter(sessionKey.read());
