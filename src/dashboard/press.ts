import type { Ability } from './abilities.js';
import { h, type Child } from './element.js';

let ids = 0;
/** An id that no other element of the page has. */
export function freshId(prefix: string): string {
  ids += 1;
  return `${prefix}-${ids}`;
}

/**
 * A button that says whether it works. One that does not can still be reached by keyboard, and its reason stands beside
 * it in words: nobody presses it to find out.
 */
export function pressButton(label: string, ability: Ability, onPress: () => void): HTMLElement {
  if (ability.may) return h('button', { type: 'button', onclick: onPress }, label);
  const id = freshId('why');
  return h(
    'span',
    { class: 'cannot' },
    h('button', { type: 'button', 'aria-disabled': 'true', 'aria-describedby': id }, label),
    h('span', { id, class: 'reason' }, ability.why),
  );
}

/** A button that stands in the text as a link does. */
export function linkButton(content: Child, onPress: () => void, className = 'link'): HTMLElement {
  return h('button', { type: 'button', class: className, onclick: onPress }, content);
}

/** A command to copy; where the browser does not let a page write the clipboard, it is selected instead. */
export function copyable(text: string): HTMLElement {
  const told = h('span', { role: 'status', class: 'reason' });
  const code = h('code', {});
  for (const [index, line] of text.split('\n').entries()) {
    if (index > 0) code.append('\n');
    code.append(line);
  }
  const block = h('pre', { tabindex: '0', 'aria-label': 'command' }, code);
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text);
      told.textContent = 'Copied.';
    } catch {
      getSelection()?.selectAllChildren(code);
      told.textContent = 'Selected: copy it with your keyboard.';
    }
  };
  const button = h('button', { type: 'button', onclick: () => void copy() }, 'Copy');
  return h('div', { class: 'copyable' }, block, h('p', {}, button, ' ', told));
}
