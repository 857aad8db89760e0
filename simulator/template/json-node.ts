import type { Node } from 'jsonc-parser';

export interface Member {
  readonly key: Node;
  readonly name: string;
  readonly value: Node;
  /** The `"key": value` node, whose offset and length cover both. */
  readonly node: Node;
}

export function membersOf(object: Node): Member[] {
  const members: Member[] = [];
  for (const node of object.children ?? []) {
    const [key, value] = node.children ?? [];
    if (key !== undefined && value !== undefined) {
      members.push({ key, name: String(key.value), value, node });
    }
  }
  return members;
}

const indexes = new WeakMap<Node, ReadonlyMap<string, Member>>();

/** ARM reads names in any case, and of a repeated name the last one. */
export function namedMember(object: Node | undefined, name: string): Member | undefined {
  if (object?.type !== 'object') return undefined;
  let index = indexes.get(object);
  if (index === undefined) {
    index = new Map(membersOf(object).map((member) => [member.name.toLowerCase(), member]));
    indexes.set(object, index);
  }
  return index.get(name.toLowerCase());
}

export function memberOf(object: Node | undefined, name: string): Node | undefined {
  return namedMember(object, name)?.value;
}

/** The same, through several names. */
export function memberAt(object: Node | undefined, ...names: string[]): Node | undefined {
  return names.reduce(memberOf, object);
}

export function stringOf(node: Node | undefined): string | undefined {
  return node?.type === 'string' ? String(node.value) : undefined;
}

export function endOf(node: Node): number {
  return node.offset + node.length;
}

export function pointerTo(pointer: string, step: string | number): string {
  return `${pointer}/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`;
}
