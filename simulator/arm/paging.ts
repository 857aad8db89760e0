import { badRequest } from './arm-error.js';
import type { RequestLine } from './arm-message.js';
import { arrayText, objectText } from '../raw-json.js';
import type { World } from '../world.js';

/** What a list needs to know to give one page. */
export interface PageCall {
  readonly world: World;
  readonly line: RequestLine;
}

/** `$top` asks for less than a page; ARM gives no more than its page whatever is asked. */
export function pageSize({ world, line }: PageCall): number {
  const top = line.query.get('$top');
  if (top === null) return world.pageSize;
  if (!/^[1-9]\d{0,8}$/.test(top)) throw badRequest(`The value '${top}' of '$top' is invalid.`);
  return Math.min(Number(top), world.pageSize);
}

/** The sequence of the last item of the page before; 0 for the first page. */
export function skipToken({ line }: PageCall): number {
  const token = line.query.get('$skiptoken') ?? line.query.get('$skipToken');
  if (token === null) return 0;
  const sequence = /^after-(\d+)$/.exec(Buffer.from(token, 'base64url').toString('utf8'))?.[1];
  if (sequence === undefined) throw badRequest(`The skip token '${token}' is invalid.`);
  return Number(sequence);
}

/** `last` is the sequence of the page's last item where more follow. */
export function pageText(
  { world, line }: PageCall,
  items: readonly string[],
  last: number | undefined,
): string {
  const page = new Map([['value', arrayText(items)]]);
  if (last !== undefined) {
    const query = new URLSearchParams(line.query);
    query.delete('$skipToken');
    query.set('$skiptoken', Buffer.from(`after-${last}`).toString('base64url'));
    page.set('nextLink', JSON.stringify(`${world.url()}${line.path}?${query.toString()}`));
  }
  return objectText(page);
}

/** One page of what is already at hand, in the order of its sequences. */
export function pageOf<T extends { readonly sequence: number }>(
  call: PageCall,
  all: readonly T[],
  text: (item: T) => string,
): string {
  const size = pageSize(call);
  const after = skipToken(call);
  const rest = all.filter(({ sequence }) => sequence > after);
  const page = rest.slice(0, size);
  return pageText(call, page.map(text), rest.length > size ? page.at(-1)?.sequence : undefined);
}
