import { createApi, type Api } from './api.js';
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

/** A browser refuses to send anything else, as if the app had not answered. */
const SENDABLE = /^[\x21-\x7e]+$/;

/**
 * Shows the page to whoever has a key that opens something of it; without a key, where the host asks for none. The policy
 * is asked for first: it comes at once, however large the estate is.
 */
async function enter(key: string | null): Promise<void> {
  if (key !== null && !SENDABLE.test(key)) {
    sessionKey.forget();
    ask('This key holds a character that no header can carry, such as a space. Copy it again.');
    return;
  }
  const api = createApi(key);
  const answer = await api.get<Policy>('policy');
  if (answer.kind === 'unreachable') {
    unreachable(answer.why, key);
    return;
  }
  if (answer.kind === 'locked' && !(key !== null && (await opensSomething(api)))) {
    sessionKey.forget();
    ask(key === null ? null : 'This key opens nothing here. It may have been renewed, or be of another app.');
    return;
  }
  if (key !== null) sessionKey.keep(key);
  show(...dashboard(api, key === null ? null : forget));
}

/** A key of one function opens that one alone. */
async function opensSomething(api: Api): Promise<boolean> {
  const routes = ['audit', 'findings', 'resources', 'posture'];
  const answers = await Promise.all(
    routes.map((route) => api.get(route, route === 'posture' ? {} : { limit: 1 })),
  );
  return answers.some(({ kind }) => kind !== 'locked');
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

// Whoever adds the key to the address, as other routes take it, would leave it in a bookmark or a picture of the screen.
if (location.search !== '') history.replaceState(null, '', location.pathname + location.hash);
void enter(sessionKey.read());
