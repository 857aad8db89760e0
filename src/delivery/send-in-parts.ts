import { DeliveryError } from './target.js';

/** Something to be sent, with its size in bytes on the wire. */
export interface Sized<T> {
  readonly value: T;
  readonly bytes: number;
}

/**
 * Sends all of them, in order, as many at once as fit into `maxBytes`. A part that is refused is halved until those
 * that are to blame stand alone, so that the others get through. Throws `rejected` where some were taken and others
 * were not. Where none was taken, it may as well be the set-up that is wrong, such as a topic of another schema: that
 * may be put right, so it is `transient`.
 */
export async function sendInParts<T>(
  items: readonly Sized<T>[],
  maxBytes: number,
  send: (part: readonly T[]) => Promise<void>,
): Promise<void> {
  const refusals: DeliveryError[] = [];
  const waiting = partsOf(items, maxBytes);
  for (let part = waiting.shift(); part !== undefined; part = waiting.shift()) {
    try {
      await send(part);
    } catch (error) {
      if (!(error instanceof DeliveryError) || error.kind !== 'rejected') throw error;
      const half = Math.ceil(part.length / 2);
      if (part.length > 1) waiting.unshift(part.slice(0, half), part.slice(half));
      else refusals.push(error);
    }
  }
  const [first] = refusals;
  if (first === undefined) return;
  const kind = refusals.length < items.length ? 'rejected' : 'transient';
  throw new DeliveryError(
    `${refusals.length} of ${items.length} records: ${first.message}`,
    kind,
    first.retryAfterMs,
  );
}

/** The brackets around a JSON array; a comma goes before all but the first of its members. */
const BRACKETS = 2;

function partsOf<T>(items: readonly Sized<T>[], maxBytes: number): (readonly T[])[] {
  const parts: T[][] = [];
  let size = 0;
  for (const { value, bytes } of items) {
    const last = parts.at(-1);
    if (last === undefined || size + 1 + bytes > maxBytes) {
      parts.push([value]);
      size = BRACKETS + bytes;
    } else {
      last.push(value);
      size += 1 + bytes;
    }
  }
  return parts;
}
