import { setTimeout as wait } from 'node:timers/promises';

/** Waits; rejects with the signal's reason where it aborts first. */
export async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  await wait(ms, undefined, { signal });
}
