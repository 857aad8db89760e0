/** How many storage calls one operation makes at once: enough to hide latency, few enough to leave sockets. */
const BATCH = 16;

/** Runs `work` over all items, a batch at a time; the results are in the items' order. */
export async function inBatches<T, R>(
  items: readonly T[],
  work: (item: T) => Promise<R>,
): Promise<readonly R[]> {
  const results: R[] = [];
  for (let start = 0; start < items.length; start += BATCH) {
    results.push(...(await Promise.all(items.slice(start, start + BATCH).map(work))));
  }
  return results;
}
