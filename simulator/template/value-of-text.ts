import type { Node } from 'jsonc-parser';
import { endOf, membersOf } from './json-node.js';
import { readJson } from './read-json.js';
import { numberValue, type Value } from './value.js';

/** Reads JSON that is no template: nothing in it is an expression. Throws TemplateError if it is not JSON. */
export function valueOfText(text: string): Value {
  const document = readJson(text);
  return valueOfNode(document.root, document.text);
}

function valueOfNode(node: Node, text: string): Value {
  if (node.type === 'array') return (node.children ?? []).map((item) => valueOfNode(item, text));
  if (node.type === 'number') return numberValue(text.slice(node.offset, endOf(node)));
  if (node.type !== 'object') return node.value as string | boolean | null;
  return new Map(membersOf(node).map(({ name, value }) => [name, valueOfNode(value, text)]));
}
