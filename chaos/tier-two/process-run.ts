import { once } from 'node:events';
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
import type { KillAtWrite } from './tap-arm.js';
import { createProcessWorld, type ProcessWorld } from './process-world.js';

/** A storm that is over and waits for its calm: the estate is judged when enough time has passed. */
export interface PassedStorm {
  readonly finish: () => Promise<RunOutcome>;
}

const FAULTS: readonly Fault<Tenant>[] = [...ARM_FAULTS, ...EVENT_FAULTS, ...SWITCH_FAULTS];
/** A storm lasts so long, and on a busy machine until so many processes have been killed at a write. */
const STORM_MS = 12_000;
const LONGEST_STORM_MS = 30_000;
const KILLED_AT_WRITES = 3;
/** Later than this, an event would come when nobody is there any more to be disturbed by it. */
const LATEST_EVENT_MS = STORM_MS;
/** How many processes there are at once, but for the time that a new one needs. */
const HOSTS = 2;
/** How many of the writes are the last thing that their process does. */
const SHARE_KILLED_AT = 0.5;
/** A write that a killed process left open is settled when it is two minutes old, and its lease ends after one. */
const SETTLE_MS = 125_000;
/** What a killed process was at is held for a minute, longer than a storm lasts: enough must be left to be written. */
const SIZE = { vaults: 4, workflows: 4, connections: 3 };
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
    const estate = await buildEstate(world, SIZE);
    await Promise.all(Array.from({ length: HOSTS }, world.start));
    const endpoint = 'https://host.chaos/runtime/webhooks/eventgrid?functionName=resourceChanged';
    await world.azure.subscribeEvents({ endpoint });
    // A sweep that is killed has its lease for a minute, and without a first one hardly anything is written.
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
  const startedAt = Date.now();
  const isOn = (): boolean => {
    const passed = Date.now() - startedAt;
    return passed < STORM_MS || (world.killedAtWrites < KILLED_AT_WRITES && passed < LONGEST_STORM_MS);
  };
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
  world.killAtWrites(() => (random.next() < SHARE_KILLED_AT ? killAtWrite(random) : null));
  // By the clock of people, which goes faster: now and then, wherever it is.
  every(500_000, 1_500_000, async () => {
    const [victim] = world.hosts;
    if (victim !== undefined) await world.kill(victim);
  });
  every(5000, 40_000, async () => {
    if (world.hosts.length < HOSTS) await world.start();
  });
  const over = new AbortController();
  every(300_000, 700_000, async () => {
    // The storm does not wait for a sweep that hangs: its process is killed then.
    await Promise.race([world.sweep(), once(over.signal, 'abort')]);
  });
  while (isOn()) {
    await pause(random.between(500, 1200));
    const happening = HAPPENINGS[Math.floor(random.next() * HAPPENINGS.length)];
    if (happening !== undefined) under.push(happen(world, estate, happening));
  }
  over.abort();
  await Promise.all(under);
}

function killAtWrite(random: Storm['random']): KillAtWrite {
  const drawn = random.next();
  if (drawn < 0.6) return { kind: drawn < 0.2 ? 'lost' : 'unanswered' };
  return { kind: 'answered', afterMs: random.between(0, 60) };
}

function calm(world: ProcessWorld): void {
  const { azure } = world;
  world.killAtWrites(() => null);
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
