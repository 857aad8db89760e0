import { setTimeout as pause } from 'node:timers/promises';
import { seededRandom } from '../../simulator/random.js';
import { ARM_BUCKETS } from '../../simulator/throttling.js';
import type { Switches } from '../../simulator/switches.js';
import { buildEstate, type Estate } from '../estate/build-estate.js';
import { happen, HAPPENINGS } from '../estate/people.js';
import type { Tenant } from '../estate/tenant.js';
import { ARM_FAULTS } from '../faults/arm-faults.js';
import { EVENT_FAULTS } from '../faults/event-faults.js';
import type { Fault, Storm } from '../faults/fault.js';
import { SWITCH_FAULTS } from '../faults/switch-faults.js';
import { converges, noteStillness } from '../invariants/converges.js';
import { INVARIANTS } from '../invariants/index.js';
import type { Violation } from '../invariants/invariant.js';
import type { RunOutcome } from '../run/run-outcome.js';
import { storyOf } from '../run/story.js';
import { createProcessWorld, type ProcessWorld } from './process-world.js';

/** A storm that is over and waits for its calm: the estate is judged when enough time has passed. */
export interface PassedStorm {
  readonly finish: () => Promise<RunOutcome>;
}

const FAULTS: readonly Fault<Tenant>[] = [...ARM_FAULTS, ...EVENT_FAULTS, ...SWITCH_FAULTS];
const STORM_MS = 12_000;
/** Later than this, an event would come when nobody is there any more to be disturbed by it. */
const LATEST_EVENT_MS = STORM_MS;
const HAPPENINGS_IN_STORM = 12;
/** A write that a killed process left open is settled when it is two minutes old, and its lease ends after one. */
const SETTLE_MS = 125_000;
const SWEEPS_TO_CONVERGE = 3;

/** One run of tier two: the app in processes of its own, killed again and again while things go wrong. */
export async function stormOver(seed: number, storage: string): Promise<PassedStorm> {
  const startedAt = Date.now();
  const random = seededRandom(seed * 104_729 + 3);
  const faults = Array.from({ length: 2 }, () => FAULTS[Math.floor(random.next() * FAULTS.length)]).flatMap(
    (fault) => fault ?? [],
  );
  const drawn = Object.assign(
    {},
    ...faults.map((fault) => fault.switches?.(random) ?? {}),
  ) as Partial<Switches>;
  const eventDelayMaxMs = Math.min(LATEST_EVENT_MS, drawn.eventDelayMaxMs ?? 0);
  const switches = { ...drawn, eventDelayMaxMs };
  const world = await createProcessWorld(seed, storage, switches);
  const outcome = async (violations: RunOutcome['violations']): Promise<RunOutcome> => {
    await world.close();
    const names = [...new Set(faults.map(({ name }) => name)), 'kill -9 of a process', 'several processes'];
    return { tier: 2, seed, faults: names, violations, digest: null, tookMs: Date.now() - startedAt };
  };
  try {
    const estate = await buildEstate(world, { vaults: 2, workflows: 2, connections: 2 });
    await Promise.all([world.start(), world.start()]);
    const endpoint = 'https://host.chaos/runtime/webhooks/eventgrid?functionName=resourceChanged';
    await world.azure.subscribeEvents({ endpoint });
    await world.sweep();
    await storm(world, estate, faults, random);
    calm(world);
    // The last of them are killed, too: whoever comes after the storm starts from what is stored.
    await Promise.all(world.hosts.map((host) => world.kill(host)));
    const overAt = Date.now();
    return {
      finish: async () => {
        try {
          await pause(Math.max(0, overAt + SETTLE_MS - Date.now()));
          return await outcome(await judge(world));
        } catch (error) {
          return outcome([endedBy(error)]);
        }
      },
    };
  } catch (error) {
    const ended = await outcome([endedBy(error)]);
    return { finish: () => Promise.resolve(ended) };
  }
}

function endedBy(error: unknown): RunOutcome['violations'][number] {
  const what = error instanceof Error ? (error.stack ?? error.message) : 'unknown';
  return { invariant: 'run-ended', about: '', what, story: [] };
}

async function storm(
  world: ProcessWorld,
  estate: Estate,
  faults: readonly Fault<Tenant>[],
  random: Storm['random'],
): Promise<void> {
  const end = Date.now() + STORM_MS;
  const isOn = (): boolean => Date.now() < end;
  const under: Promise<unknown>[] = [];
  const every: Storm['every'] = (min, max, work) => {
    const again = async (): Promise<void> => {
      for (;;) {
        await world.time.sleep(random.between(min, max));
        if (!isOn()) return;
        await work();
      }
    };
    under.push(again());
  };
  for (const fault of faults) fault.strike({ world, estate, random, every, isOn });
  // By the clock of people, which goes faster: every few seconds.
  every(150_000, 500_000, async () => {
    const [victim] = world.hosts;
    if (victim === undefined) return;
    const next = world.start();
    await pause(random.between(0, 400));
    await world.kill(victim);
    await next;
  });
  // The storm does not wait for a sweep that hangs: its process is killed then.
  const over = pause(STORM_MS);
  every(300_000, 700_000, async () => {
    await Promise.race([world.sweep(), over]);
  });
  for (let done = 0; done < HAPPENINGS_IN_STORM; done += 1) {
    await pause((STORM_MS / HAPPENINGS_IN_STORM) * random.between(0.5, 1.2));
    const happening = HAPPENINGS[Math.floor(random.next() * HAPPENINGS.length)];
    if (happening !== undefined) under.push(happen(world, estate, happening));
  }
  await pause(Math.max(0, end - Date.now()));
  await Promise.all(under);
}

function calm(world: ProcessWorld): void {
  const { azure } = world;
  azure.faults.clear();
  azure.throttling.set(ARM_BUCKETS);
  for (const { scope, name } of azure.locks.all) azure.locks.remove(scope, name);
  const punctual = {
    eventLoss: 0,
    eventDuplicates: 0,
    eventDelayMinMs: 0,
    eventDelayMaxMs: 0,
    staleReadsMs: 0,
  };
  azure.switches.set(punctual);
  world.tell('the storm is over');
}

async function judge(world: ProcessWorld): Promise<RunOutcome['violations']> {
  await world.start();
  for (let i = 0; i < SWEEPS_TO_CONVERGE; i += 1) {
    await world.sweep();
    await world.untilSettled();
  }
  const still = noteStillness(await world.evidence());
  const failure = await world.sweep();
  await world.untilSettled();
  const evidence = await world.evidence();
  const violations: readonly Violation[] = [
    ...INVARIANTS.flatMap((invariant) => invariant(evidence)),
    ...converges(evidence, still, failure),
  ];
  return violations.map((violation) => {
    const { invariant, about, what } = violation;
    return { invariant, about, what, story: storyOf(evidence, violation) };
  });
}
