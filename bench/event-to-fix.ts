import type { JournalledRequest } from '../simulator/journal.js';
import { createBareClient, type BareClient } from './bare-client.js';
import { openEventLab, type EventLab, type Firewall } from './event-lab.js';
import type { Figure } from './figure.js';
import { median } from './median.js';
import { spanOf } from './request-span.js';
import { startStorageTap, storageNameIn } from './storage-tap.js';

const WARM_UP = 3;
const MAX_ROUND_TRIPS = 2;

/**
 * From the event's arrival at the webhook to the answer to Holdfast's write, against a GET and a PATCH of the same
 * vault by a bare client: each in turn, vault by vault. The ends of both are read from the simulator's journal.
 */
export const eventToFix: Figure = {
  keys: ['eventToFixRatio'],
  async measure({ isQuick, progress }) {
    const [timed, counted] = isQuick ? [5, 6] : [20, 12];
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
      const roundTrips = Math.round(trips.waitedFor);
      return {
        values: { eventToFixRatio: median(fixMs) / median(bareMs) },
        computedFrom: {
          eventToFixMs: median(fixMs),
          bareGetAndPatchMs: median(bareMs),
          fixMs,
          bareMs,
          storageRoundTripsBeforeWrite: roundTrips,
          storage: trips,
        },
        broken: roundTrips > MAX_ROUND_TRIPS ? [`${roundTrips} storage round trips before the write`] : [],
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
): Promise<{ readonly startedAt: number; readonly write: JournalledRequest }> {
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
  return { startedAt, write };
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
  /** How many round trips the write waits for: the longer each takes, the later it comes. */
  readonly waitedFor: number;
  readonly delayMs: number;
  readonly withoutDelayMs: readonly number[];
  readonly withDelayMs: readonly number[];
  /** What was asked of storage before the write, in order; most of it while Azure was being asked. */
  readonly asked: readonly string[];
}

/** Less than a third of what ARM's answer takes, so that what goes on meanwhile stays within that. */
const DELAY_MS = 30;

/**
 * What of the storage account a write waits for: with each of its answers held back, the write comes as much later as
 * there are round trips one after the other that nothing else hides.
 */
async function countRoundTrips(lab: EventLab, vaults: readonly string[]): Promise<RoundTrips> {
  const tap = await startStorageTap(lab.storage);
  try {
    await lab.restartApp(tap.connectionString);
    const [withoutDelayMs, withDelayMs]: [number[], number[]] = [[], []];
    let asked: readonly string[] = [];
    for (const [i, vault] of vaults.entries()) {
      const isDelayed = i % 2 === 1;
      tap.delayBy(isDelayed ? DELAY_MS : 0);
      tap.take();
      const { startedAt, write } = await fix(lab, vault);
      // The first two warm the new process up.
      if (i < 2) continue;
      (isDelayed ? withDelayMs : withoutDelayMs).push(spanOf(write).end - startedAt);
      const before = tap.take().filter(({ start }) => start >= startedAt && start < spanOf(write).start);
      asked = before.map(({ method, path }) => `${method} ${storageNameIn(path)}`);
    }
    const waitedFor = (median(withDelayMs) - median(withoutDelayMs)) / DELAY_MS;
    return { waitedFor, delayMs: DELAY_MS, withoutDelayMs, withDelayMs, asked };
  } finally {
    await lab.stopApp();
    await tap.close();
  }
}
