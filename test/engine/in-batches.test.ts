import { describe, expect, test } from 'vitest';
import { inBatches } from '../../src/engine/in-batches.js';

describe('inBatches', () => {
  test.each([0, 1, 16, 17, 100])('gives the results of %i items in their order', async (count) => {
    const items = Array.from({ length: count }, (_, i) => i);
    await expect(inBatches(items, (item) => Promise.resolve(item * 2))).resolves.toEqual(
      items.map((item) => item * 2),
    );
  });

  test('has many calls under way at once, but not all', async () => {
    let running = 0;
    let most = 0;
    await inBatches(Array.from({ length: 50 }), async () => {
      most = Math.max(most, (running += 1));
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
    });
    expect(most).toBe(16);
  });
});
