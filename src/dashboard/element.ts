import { visibly } from '../log-line.js';

export type Child = Node | string | number | null | readonly Child[];
type Attribute = string | number | boolean | null | ((event: Event) => void);
export type Attributes = Readonly<Record<string, Attribute>>;

const SVG = 'http://www.w3.org/2000/svg';

/**
 * An element. What stands in it is text or other elements, never markup: whatever a name from Azure holds, it is shown
 * as it is, and a character that would not show, or would turn the text around, as its escape.
 */
export function h<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] {
  return filled(document.createElement(tag), attributes, children);
}

/** The same of SVG. */
export function s<Tag extends keyof SVGElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: readonly Child[]
): SVGElementTagNameMap[Tag] {
  return filled(document.createElementNS(SVG, tag), attributes, children);
}

/** Puts these children in place of those that an element has. */
export function fill(element: Element, ...children: readonly Child[]): void {
  element.replaceChildren(...nodesOf(children));
}

/** A name of somebody else's, kept from turning the text around it by letters that run from right to left. */
export function named(name: string, attributes: Attributes = {}): HTMLElement {
  return h('bdi', attributes, name);
}

/**
 * Like {@link fill}, where somebody may be on it with the keyboard: whoever is on what stays keeps the focus, and whoever
 * was on what goes gets it at `otherwise`.
 */
export function refill(element: Element, otherwise: HTMLElement | null, ...children: readonly Child[]): void {
  const focused = document.activeElement;
  const isInside = focused instanceof HTMLElement && element.contains(focused);
  fill(element, ...children);
  if (isInside) (focused.isConnected ? focused : otherwise)?.focus();
}

function filled<E extends Element>(element: E, attributes: Attributes, children: readonly Child[]): E {
  for (const [name, value] of Object.entries(attributes)) set(element, name, value);
  element.append(...nodesOf(children));
  return element;
}

function set(element: Element, name: string, value: Attribute): void {
  if (value === null || value === false) return;
  if (typeof value === 'function') {
    element.addEventListener(name.replace(/^on/, ''), value);
    return;
  }
  // What is written here is ours; that data should come to be a program is kept out twice.
  if (/^(?:on|style$|src$|srcdoc$)/i.test(name)) throw new TypeError(`${name} is not set by text.`);
  if (name === 'href' && !/^(?:https:\/\/|#|\/\.auth\/login\/)/.test(String(value)))
    throw new TypeError('A link leads to https, within the page, or to where one signs in.');
  element.setAttribute(name, value === true ? '' : String(value));
}

function nodesOf(children: readonly Child[]): Node[] {
  return children.flatMap((child): Node[] => {
    if (child === null) return [];
    if (typeof child === 'string' || typeof child === 'number')
      return [document.createTextNode(visibly(String(child)))];
    return child instanceof Node ? [child] : nodesOf(child);
  });
}
