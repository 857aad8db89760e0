import { createApi, type Answer, type Api } from './api.js';
import type { Policy } from './answers.js';
import { dashboard } from './dashboard.js';
import { fill, h, type Child } from './element.js';
import { sessionKey } from './session-key.js';
import { signIn } from './sign-in.js';

const body = document.body;

/** Until the app has answered: one that nobody has asked for a while takes seconds to start. */
const starting = setTimeout(() => {
  show(
    h(
      'main',
      { class: 'sign-in', id: 'main' },
      h('h1', {}, 'Holdfast'),
      h('p', { role: 'status' }, 'Asking the app …'),
    ),
  );
}, 400);

/** Whoever was on what goes, such as the field for the key, is taken to the heading of what comes. */
function show(...children: readonly Child[]): void {
  clearTimeout(starting);
  const wasIn = document.activeElement !== body;
  fill(body, ...children);
  if (wasIn) document.querySelector<HTMLElement>('main > h1, main > .view:not([hidden]) > h1')?.focus();
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
 * is asked for first: it comes at once, however large the estate is. Where it does not come, the others are asked: a key may
 * open one function alone, and any function may be switched off.
 */
async function enter(key: string | null): Promise<void> {
  if (key !== null && !SENDABLE.test(key)) {
    sessionKey.forget();
    ask('This key holds a character that no header can carry, such as a space. Copy it again.');
    return;
  }
  const api = createApi(key);
  const policy = await api.get<Policy>('policy');
  const isKnown = isAnswer(policy) || (key === null && policy.kind === 'locked');
  const others = isKnown ? [] : await askOthers(api);
  const answers = [policy, ...others];
  if (answers.some(isAnswer)) {
    if (key !== null) sessionKey.keep(key);
    show(...dashboard(api, key === null ? null : forget));
  } else if (answers.some(({ kind }) => kind === 'locked')) {
    sessionKey.forget();
    ask(key === null ? null : 'This key opens nothing here. It may have been renewed, or be of another app.');
  } else {
    unreachable(policy.kind === 'unreachable' ? policy.why : '', key);
  }
}

/** Whether the app itself answered, be it with a problem. */
function isAnswer({ kind }: Answer<unknown>): boolean {
  return kind === 'ok' || kind === 'problem';
}

function askOthers(api: Api): Promise<readonly Answer<unknown>[]> {
  const routes = ['audit', 'findings', 'resources', 'posture'];
  return Promise.all(routes.map((route) => api.get(route, route === 'posture' ? {} : { limit: 1 })));
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
      h('h1', { tabindex: '-1' }, 'Holdfast does not answer'),
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
