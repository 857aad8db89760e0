import type { Leases } from '../../engine/ports/leases.js';

/** The same margin as that of a lease of a storage account: nobody writes after it. */
const LEASE_MS = 40_000;

/** Leases within one process, which is the only one that uses its state directory. */
export function createLocalLeases(): Leases {
  const held = new Set<string>();

  async function hold<T>(
    name: string,
    work: () => Promise<T>,
  ): Promise<{ readonly kind: 'done'; readonly value: T } | { readonly kind: 'busy' }> {
    if (held.has(name)) return { kind: 'busy' };
    held.add(name);
    try {
      return { kind: 'done', value: await work() };
    } finally {
      held.delete(name);
    }
  }

  return {
    withLease: (id, work) => hold(id.key, () => work(AbortSignal.timeout(LEASE_MS))),
    whileHeld: (name, work) => hold(name, () => work(new AbortController().signal)),
  };
}
