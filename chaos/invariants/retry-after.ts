import type { Exchange } from '../world/wire.js';
import type { Invariant, Violation } from './invariant.js';

/**
 * (6) No instance asks again before its `Retry-After` has passed. A 429 is ARM's and holds for the caller's bucket:
 * the subscription, and reads or writes. Any other answer that names a time (503) holds for the resource.
 */
export const retryAfter: Invariant = ({ wire }) => {
  const violations: Violation[] = [];
  for (const refused of wire) {
    const until = notBefore(refused);
    if (until === null || refused.answer?.kind !== 'response') continue;
    const { at, heardAt, status } = refused.answer;
    const holdsFor =
      status === 429 ? bucketOf : (exchange: Exchange) => `${exchange.method} ${exchange.path}`;
    const early = wire.find(
      (next) =>
        next.instance === refused.instance &&
        holdsFor(next) === holdsFor(refused) &&
        next.sentAt > heardAt &&
        next.sentAt < until,
    );
    if (early === undefined) continue;
    const [asked, named] = [early.sentAt - at, until - at].map((ms) => (ms / 1000).toFixed(1));
    violations.push({
      invariant: 'retry-after',
      at: early.sentAt,
      what: `${early.instance} sent ${early.method} ${early.path} after ${asked ?? ''} s, ${named ?? ''} s after which it was told to come back (${status} to ${refused.method} ${refused.path})`,
      about: early.instance,
    });
  }
  return violations;
};

/** In the run's time; null where no time was named. */
function notBefore({ answer }: Exchange): number | null {
  if (answer?.kind !== 'response' || answer.status < 400) return null;
  const header = answer.headers['retry-after'];
  if (header === undefined) return null;
  const date = Date.parse(header);
  if (/^\d+$/.test(header)) return answer.at + Number(header) * 1000;
  return Number.isNaN(date) ? null : date;
}

function bucketOf({ method, path }: Exchange): string {
  const kind = method === 'GET' ? 'reads' : method === 'DELETE' ? 'deletes' : 'writes';
  return `${path.split('/')[2]?.toLowerCase() ?? ''} ${kind}`;
}
