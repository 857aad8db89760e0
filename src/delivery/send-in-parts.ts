import { DeliveryError } from './target.js';

/** Something to be sent, with its size in bytes on the wire. */
export interface Sized<T> {
  readonly value: T;
  readonly bytes: number;
}

/**
 * Sends all of them, in order, as many at once as fit into `maxBytes`. A part that is refused is halved until those
 * that are to blame stand alone, so that the others get through. Throws `rejected` where some were taken and others
 * were not, with the places of these. Where none was taken, it may as well be the set-up that is wrong, such as a topic
 * of another schema: that may be put right, so it is `transient`.
 */
export async function sendInParts<T>(
  items: readonly Sized<T>[],
  maxBytes: number,
  send: (part: readonly T[]) => Promise<void>,
): Promise<void> {
  const refusals: { readonly at: number; readonly error: DeliveryError }[] = [];
  const waiting = partsOf(items, maxBytes);
  for (let part = waiting.shift(); part !== undefined; part = waiting.shift()) {
    try {
      await send(part.map(({ value }) => value));
    } catch (error) {
      if (!(error instanceof DeliveryError) || error.kind !== 'rejected') throw error;
      const half = Math.ceil(part.length / 2);
      if (part.length > 1) waiting.unshift(part.slice(0, half), part.slice(half));
      else refusals.push(...part.map(({ at }) => ({ at, error })));
    }
  }
  const [first] = refusals;
  if (first === undefined) return;
  const message = `${refusals.length} of ${items.length} records: ${first.error.message}`;
  const { retryAfterMs } = first.error;
  if (refusals.length === items.length) throw new DeliveryError(message, 'transient', retryAfterMs);
  throw new DeliveryError(message, 'rejected', retryAfterMs, { refused: refusals.map(({ at }) => at) });
}

/** The brackets around a JSON array; a comma goes before all but the first of its members. */
const BRACKETS = 2;

interface Placed<T> {
  readonly value: T;
  readonly at: number;
}

function partsOf<T>(items: readonly Sized<T>[], maxBytes: number): (readonly Placed<T>[])[] {
  const parts: Placed<T>[][] = [];
  let size = 0;
  for (const [at, { value, bytes }] of items.entries()) {
    const last = parts.at(-1);
    if (last === undefined || size + 1 + bytes > maxBytes) {
      parts.push([{ value, at }]);
      size = BRACKETS + bytes;
    } else {
      last.push({ value, at });
      size += 1 + bytes;
    }
  }
  return parts;
}
