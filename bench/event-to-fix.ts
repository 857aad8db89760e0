import type { JournalledRequest } from '../simulator/journal.js';
import { createBareClient, type BareClient } from './bare-client.js';
import { openEventLab, type EventLab, type Firewall } from './event-lab.js';
import type { Figure } from './figure.js';
import { median } from './median.js';
import { spanOf } from './request-span.js';
import { outsideOf, roundTripsInSequence } from './round-trips.js';
import { startStorageTap } from './storage-tap.js';

const WARM_UP = 3;
const MAX_ROUND_TRIPS = 2;

/**
 * From the event's arrival at the webhook to the answer to Holdfast's write, against a GET and a PATCH of the same
 * vault by a bare client: each in turn, vault by vault. The ends of both are read from the simulator's journal.
 */
export const eventToFix: Figure = {
  keys: ['eventToFixRatio'],
  async measure({ isQuick, progress }) {
    const [timed, counted] = isQuick ? [5, 2] : [20, 5];
    const lab = await openEventLab(WARM_UP + timed + 2 + counted);
    try {
      progress('event to fix: first sweep');
      await lab.restartApp(lab.storage);
      const bare = await createBareClient(lab.azure);
      const ours: number[] = [];
      const theirs: number[] = [];
      for (const [i, vault] of lab.vaults.slice(0, WARM_UP + timed).entries()) {
        progress(`event to fix: vault ${i + 1} of ${WARM_UP + timed}`);
        const measureOurs = async (): Promise<void> => void ours.push(await timeOfFix(lab, vault));
        const measureTheirs = async (): Promise<void> =>
          void theirs.push(await timeOfBareFix(lab, bare, vault));
        for (const measure of i % 2 === 0 ? [measureOurs, measureTheirs] : [measureTheirs, measureOurs])
          await measure();
      }
      const [fixMs, bareMs] = [ours.slice(WARM_UP), theirs.slice(WARM_UP)];
      const trips = await countRoundTrips(lab, lab.vaults.slice(WARM_UP + timed));
      const most = Math.max(...trips.map(({ onPath }) => onPath));
      return {
        values: { eventToFixRatio: median(fixMs) / median(bareMs) },
        computedFrom: {
          eventToFixMs: median(fixMs),
          bareGetAndPatchMs: median(bareMs),
          fixMs,
          bareMs,
          storageRoundTripsBeforeWrite: most,
          storage: trips,
        },
        broken: most > MAX_ROUND_TRIPS ? [`${most} storage round trips before the write`] : [],
      };
    } finally {
      await lab.close();
    }
  },
};

/** Somebody opens the vault; the time from the event's arrival until Azure has answered the write that shuts it. */
async function timeOfFix(lab: EventLab, vault: string): Promise<number> {
  const { startedAt, write } = await fix(lab, vault);
  return spanOf(write).end - startedAt;
}

async function fix(
  { azure, relay, setFirewall, firewallOf, writesTo, settle }: EventLab,
  vault: string,
): Promise<{ readonly startedAt: number; readonly write: JournalledRequest; readonly since: number }> {
  const caught = relay.catchNext(vault);
  await setFirewall(vault, { ...(await firewallOf(vault)), defaultAction: 'Allow' });
  const event = await caught;
  const since = await azure.mark();
  const startedAt = Date.now();
  await relay.deliver(event);
  await settle();
  const [write, ...more] = await writesTo(vault, since);
  if (write?.status !== 200 || more.length > 0) {
    throw new Error(`The event of ${vault} led to ${more.length + (write === undefined ? 0 : 1)} writes.`);
  }
  return { startedAt, write, since };
}

/** The same by a client that knows what to do: read the vault, write its firewall as it was. */
async function timeOfBareFix(
  { azure, relay, setFirewall, firewallOf }: EventLab,
  bare: BareClient,
  vault: string,
): Promise<number> {
  const shut = await firewallOf(vault);
  // The app hears of neither write.
  const unheard = [relay.catchNext(vault), relay.catchNext(vault)];
  await setFirewall(vault, { ...shut, defaultAction: 'Allow' });
  await unheard[0];
  const since = await azure.mark();
  const url = `${vault}?api-version=2026-02-01`;
  const startedAt = Date.now();
  const { properties } = JSON.parse(await bare.send('GET', url)) as { properties: { networkAcls: Firewall } };
  await bare.send('PATCH', url, {
    properties: { networkAcls: { ...properties.networkAcls, defaultAction: 'Deny' } },
  });
  await unheard[1];
  const [write] = await azure.requests(since, `&method=PATCH&under=${encodeURIComponent(vault)}`);
  if (write === undefined) throw new Error('The simulator did not note the bare client’s write.');
  return spanOf(write).end - startedAt;
}

interface RoundTrips {
  /** One after another, and not hidden behind a read of Azure that takes longer. */
  readonly onPath: number;
  /** One after another, whatever else was under way. */
  readonly inSequence: number;
  readonly requests: number;
  /** In order: what was asked of storage before the write. */
  readonly asked: readonly string[];
}

/** What is asked of the storage account between an event and its write, seen from between the app and the account. */
async function countRoundTrips(lab: EventLab, vaults: readonly string[]): Promise<readonly RoundTrips[]> {
  const tap = await startStorageTap(lab.storage);
  try {
    await lab.restartApp(tap.connectionString);
    const trips: RoundTrips[] = [];
    for (const vault of vaults) {
      tap.take();
      const { startedAt, write, since } = await fix(lab, vault);
      const before = tap.take().filter(({ start }) => start >= startedAt && start < spanOf(write).start);
      const reads = (await lab.azure.requests(since, '&method=GET'))
        .map(spanOf)
        .filter(({ start }) => start <= spanOf(write).start);
      trips.push({
        onPath: roundTripsInSequence(outsideOf(reads, before)),
        inSequence: roundTripsInSequence(before),
        requests: before.length,
        asked: before.map(({ method, path }) => `${method} ${whatIs(path)}`),
      });
    }
    // The first two warm the new process up.
    return trips.slice(2);
  } finally {
    await lab.stopApp();
    await tap.close();
  }
}

/** A table, container or queue by its name; hashes and queries tell nothing. */
function whatIs(path: string): string {
  return /^\/[^/]+\/([^/?(]+)/.exec(path)?.[1] ?? path;
}
