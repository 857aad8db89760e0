/**
 * JSON as text. Azure's stores give back the definition that went in; a parse and a stringify would lose big
 * numbers, `1.0`, escapes and white space. So documents are taken apart into the texts of their members and put
 * together again from them. Every function here expects text that `JSON.parse` accepts.
 */

/** An object's members in their order: from the (decoded) key to the text of the value. */
export type Members = ReadonlyMap<string, string>;

export function membersOf(text: string): Map<string, string> {
  const members = new Map<string, string>();
  let position = skipSpace(text, 0);
  if (text[position] !== '{') throw new TypeError('The text is not a JSON object.');
  position = skipSpace(text, position + 1);
  while (text[position] !== '}') {
    const keyEnd = skipString(text, position);
    const key = JSON.parse(text.slice(position, keyEnd)) as string;
    position = skipSpace(text, skipSpace(text, keyEnd) + 1);
    const end = skipValue(text, position);
    // A key that occurs twice counts as its last occurrence does, as in every JSON parser that Azure uses.
    members.set(key, text.slice(position, end));
    position = skipSeparator(text, end);
  }
  return members;
}

export function itemsOf(text: string): string[] {
  const items: string[] = [];
  let position = skipSpace(text, 0);
  if (text[position] !== '[') throw new TypeError('The text is not a JSON array.');
  position = skipSpace(text, position + 1);
  while (text[position] !== ']') {
    const end = skipValue(text, position);
    items.push(text.slice(position, end));
    position = skipSeparator(text, end);
  }
  return items;
}

export function objectText(members: Members): string {
  const parts: string[] = [];
  for (const [key, value] of members) parts.push(`${JSON.stringify(key)}:${value}`);
  return `{${parts.join(',')}}`;
}

export function arrayText(items: readonly string[]): string {
  return `[${items.join(',')}]`;
}

export function isObjectText(text: string | undefined): text is string {
  return text !== undefined && text[skipSpace(text, 0)] === '{';
}

export function isNullText(text: string | undefined): boolean {
  return text === undefined || text.trim() === 'null';
}

/** The members with the names in `names` spelled as there, whatever case they came in; the others as they are. */
export function spelledAs(members: Members, names: readonly string[]): Map<string, string> {
  const spelling = new Map(names.map((name) => [name.toLowerCase(), name]));
  return new Map([...members].map(([key, value]) => [spelling.get(key.toLowerCase()) ?? key, value]));
}

function skipSeparator(text: string, from: number): number {
  const position = skipSpace(text, from);
  return text[position] === ',' ? skipSpace(text, position + 1) : position;
}

function skipSpace(text: string, from: number): number {
  let position = from;
  for (;;) {
    const code = text.charCodeAt(position);
    if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return position;
    position += 1;
  }
}

function skipString(text: string, from: number): number {
  let position = from + 1;
  for (;;) {
    const code = text.charCodeAt(position);
    if (code === 0x22) return position + 1;
    if (Number.isNaN(code)) throw new TypeError('The text ends inside a string.');
    position += code === 0x5c ? 2 : 1;
  }
}

function skipValue(text: string, from: number): number {
  const first = text[from];
  if (first === '"') return skipString(text, from);
  if (first !== '{' && first !== '[') return skipLiteral(text, from);
  let depth = 0;
  let position = from;
  for (;;) {
    const character = text[position];
    if (character === undefined) throw new TypeError('The text ends inside a value.');
    if (character === '"') {
      position = skipString(text, position);
      continue;
    }
    if (character === '{' || character === '[') depth += 1;
    if (character === '}' || character === ']') depth -= 1;
    position += 1;
    if (depth === 0) return position;
  }
}

function skipLiteral(text: string, from: number): number {
  let position = from;
  while (position < text.length && !',]} \t\r\n'.includes(text.charAt(position))) position += 1;
  return position;
}
