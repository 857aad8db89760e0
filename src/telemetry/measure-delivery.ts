import { gauge } from './instruments.js';

/** What waits for a target and for how long it has failed: nobody has to ask for the health to have an alert. */
export function measureDelivery({
  target,
  waiting,
  failures,
  failingSince,
}: {
  readonly target: string;
  readonly waiting: number;
  readonly failures: number;
  readonly failingSince: Date | null;
}): void {
  const of = { 'holdfast.target': target };
  gauge('waiting', waiting, of);
  gauge('failing', failures === 0 || failingSince === null ? 0 : secondsSince(failingSince), of);
}

function secondsSince(time: Date): number {
  return Math.max(0, (Date.now() - time.getTime()) / 1000);
}
