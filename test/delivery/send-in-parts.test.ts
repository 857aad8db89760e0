import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sendInParts } from '../../src/delivery/send-in-parts.js';
import { DeliveryError } from '../../src/delivery/target.js';

const MAX_BYTES = 100;
const items = fc
  .array(fc.record({ bytes: fc.integer({ min: 1, max: 98 }), isBad: fc.boolean() }), { maxLength: 30 })
  .map((all) => all.map(({ bytes, isBad }, index) => ({ bytes, value: { index, isBad } })));

type Item = { readonly index: number; readonly isBad: boolean };

/** A service that refuses a part with something bad in it. */
function picky() {
  const taken: Item[] = [];
  const parts: (readonly Item[])[] = [];
  const send = (part: readonly Item[]): Promise<void> => {
    parts.push(part);
    if (part.some(({ isBad }) => isBad)) return Promise.reject(new DeliveryError('It is bad.', 'rejected'));
    taken.push(...part);
    return Promise.resolve();
  };
  return { taken, parts, send };
}

describe('sending in parts', () => {
  test('delivers all that is good, once, in order, and says how many were not', async () => {
    await fc.assert(
      fc.asyncProperty(items, async (all) => {
        const { taken, send } = picky();
        const bad = all.filter(({ value }) => value.isBad).length;
        const sending = sendInParts(all, MAX_BYTES, send);
        if (bad === 0) await sending;
        else {
          const kind = bad < all.length ? 'rejected' : 'transient';
          await expect(sending).rejects.toMatchObject({
            kind,
            message: `${bad} of ${all.length} records: It is bad.`,
          });
        }
        expect(taken).toEqual(all.map(({ value }) => value).filter(({ isBad }) => !isBad));
      }),
    );
  });

  test('sends no part that is too large, and no two that would fit into one', async () => {
    await fc.assert(
      fc.asyncProperty(items, async (all) => {
        const { parts, send } = picky();
        await sendInParts(
          all.map(({ bytes, value }) => ({ bytes, value: { ...value, isBad: false } })),
          MAX_BYTES,
          send,
        );
        const sizes = parts.map(
          (part) => 1 + part.reduce((sum, { index }) => sum + 1 + (all[index]?.bytes ?? 0), 0),
        );
        for (const [at, size] of sizes.entries()) {
          expect(size).toBeLessThanOrEqual(MAX_BYTES);
          const first = all[parts[at + 1]?.[0]?.index ?? -1];
          if (first !== undefined) expect(size + 1 + first.bytes).toBeGreaterThan(MAX_BYTES);
        }
      }),
    );
  });

  test('ends at once where the service has no time', async () => {
    const one = { bytes: 60, value: 'a' };
    let calls = 0;
    const busy = (): Promise<void> => {
      calls += 1;
      return Promise.reject(new DeliveryError('Later.', 'transient', 5000));
    };
    const sending = sendInParts([one, one, one], MAX_BYTES, busy);
    await expect(sending).rejects.toMatchObject({ message: 'Later.', retryAfterMs: 5000 });
    expect(calls).toBe(1);
  });
});
