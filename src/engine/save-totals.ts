import type { EngineDeps } from './engine-deps.js';

/** Remembers how many resources a complete sweep has seen; `keys` are their ids in lower case. */
export async function saveTotals(
  { policy, sweepTotals }: Pick<EngineDeps, 'policy' | 'sweepTotals'>,
  keys: Iterable<string>,
): Promise<void> {
  const totals = new Map<string, number>(policy.scopes.map(({ subscriptionId }) => [subscriptionId, 0]));
  for (const key of keys) {
    const subscriptionId = key.split('/')[2] ?? '';
    const total = totals.get(subscriptionId);
    if (total !== undefined) totals.set(subscriptionId, total + 1);
  }
  await Promise.all([...totals].map(([subscriptionId, total]) => sweepTotals.save(subscriptionId, total)));
}
