import { createHash } from 'node:crypto';
import { seededRandom } from '../../simulator/random.js';
import { ARM_BUCKETS } from '../../simulator/throttling.js';
import { buildEstate, type Estate } from '../estate/build-estate.js';
import { happen, HAPPENINGS } from '../estate/people.js';
import { storedRecords } from '../evidence/stored-records.js';
import type { Storm } from '../faults/fault.js';
import { converges, noteStillness } from '../invariants/converges.js';
import { INVARIANTS } from '../invariants/index.js';
import type { Violation } from '../invariants/invariant.js';
import { install } from '../virtual/install.js';
import { createVirtualTime } from '../virtual/virtual-time.js';
import { createWorld, HOLDFAST, type Tamper, type World } from '../world/world.js';
import { planRun, type RunPlan } from './plan-run.js';
import { storyOf } from './story.js';

export interface RunResult {
  readonly seed: number;
  readonly faults: readonly string[];
  readonly violations: readonly (Violation & { readonly story: readonly string[] })[];
  /** The same for the same course of things. */
  readonly digest: string;
  /** How long it took, in the run's own time. */
  readonly virtualMs: number;
}

const HOUR_MS = 3_600_000;
/** How many sweeps the estate has to converge once the faults have stopped. */
const SWEEPS_TO_CONVERGE = 3;

/** One run from its seed: an estate, a storm, the calm after it, and whether everything held. */
export async function runSeed(
  seed: number,
  tamper?: Tamper,
  look: (world: World) => void = () => undefined,
): Promise<RunResult> {
  const plan = planRun(seed);
  const time = createVirtualTime();
  const putBack = install(time, seededRandom(seed));
  try {
    const world = createWorld(time, seed, {
      switches: plan.switches,
      failedEventIs: plan.failedEventIs,
      ...(tamper === undefined ? {} : { tamper }),
    });
    const start = time.now();
    const violations = await time.run(() => live(world, plan));
    look(world);
    return {
      seed,
      faults: plan.faults.map(({ name }) => name),
      violations: violations.map((violation) => ({ ...violation, story: storyOf(world, violation) })),
      digest: digestOf(world),
      virtualMs: time.now() - start,
    };
  } finally {
    putBack();
  }
}

async function live(world: World, plan: RunPlan): Promise<readonly Violation[]> {
  const estate = await buildEstate(world, plan.size);
  world.start();
  await world.azure.subscribeEvents({ endpoint: 'https://host.chaos/events' });
  await sweep(world);
  await storm(world, estate, plan);
  calm(world);
  await untilSettled(world);
  const failedSweeps: string[] = [];
  for (let i = 0; i < SWEEPS_TO_CONVERGE; i += 1) {
    await world.time.sleep(HOUR_MS);
    await sweep(world);
    await untilSettled(world);
  }
  const still = noteStillness(world, failedSweeps);
  await world.time.sleep(HOUR_MS);
  const failure = await sweep(world);
  if (failure !== null) failedSweeps.push(failure);
  await untilSettled(world);
  world.host.stop();
  return [...INVARIANTS.flatMap((invariant) => invariant(world)), ...converges(world, still)];
}

/** Null where it came to its end. */
async function sweep(world: World): Promise<string | null> {
  world.tell('the timer fires');
  try {
    await world.host.sweep();
    return null;
  } catch (error) {
    const why = error instanceof Error ? error.message : 'unknown';
    world.given.push(why);
    world.tell(`the sweep failed: ${why}`);
    return why;
  }
}

/** Things go wrong and people do things, for a while. */
async function storm(world: World, estate: Estate, plan: RunPlan): Promise<void> {
  const random = seededRandom(plan.seed * 31 + 7);
  const end = world.time.now() + plan.stormMs;
  const isOn = (): boolean => world.time.now() < end;
  const failures: unknown[] = [];
  const watched = (work: Promise<unknown>): void => {
    work.catch((error: unknown) => failures.push(error));
  };
  const every: Storm['every'] = (min, max, work) => {
    const again = async (): Promise<void> => {
      for (;;) {
        await world.time.sleep(random.between(min, max));
        if (!isOn()) return;
        await work();
      }
    };
    watched(again());
  };
  world.tell(`the storm begins: ${plan.faults.map(({ name }) => name).join(', ')}`);
  for (const fault of plan.faults) fault.strike({ world, estate, random, every, isOn });
  every(1_200_000, 3_600_000, async () => {
    await sweep(world);
  });
  const times = Array.from({ length: plan.happenings }, () => random.between(0, plan.stormMs)).sort(
    (a, b) => a - b,
  );
  const start = world.time.now();
  for (const at of times) {
    await world.time.sleep(Math.max(0, start + at - world.time.now()));
    const happening = HAPPENINGS[Math.floor(random.next() * HAPPENINGS.length)];
    if (happening !== undefined) watched(happen(world, estate, happening));
  }
  await world.time.sleep(Math.max(0, end - world.time.now()));
  // What somebody has begun is finished: the last of them may take half an hour.
  await world.time.sleep(HOUR_MS / 2);
  if (failures.length > 0) throw failures[0];
}

/** Everything works again; what has happened has happened. */
function calm(world: World): void {
  const { azure, weather } = world;
  azure.faults.clear();
  azure.throttling.set(ARM_BUCKETS);
  azure.permissions.unrestrict(HOLDFAST.objectId);
  for (const { scope, name } of azure.locks.all) azure.locks.remove(scope, name);
  azure.switches.set({
    eventLoss: 0,
    eventDuplicates: 0,
    eventDelayMinMs: 0,
    eventDelayMaxMs: 0,
    staleReadsMs: 0,
  });
  weather.strikeStorage = () => null;
  weather.isIdentityDown = false;
  weather.isQueueDown = false;
  for (const { instance } of world.host.apps) instance.kill = null;
  if (world.host.apps.every(({ instance }) => instance.isDead)) world.start();
  world.tell('the storm is over');
}

/** Until no event is under way, no message is left and no function runs. */
async function untilSettled(world: World): Promise<void> {
  const isBusy = (): boolean =>
    world.azure.events.pending > 0 ||
    world.host.busy() > 0 ||
    world.storage.queue('reconcile').all().length > 0;
  for (let waited = 0; isBusy(); waited += 1) {
    if (waited > 10_000) throw new Error('The run does not come to rest.');
    await world.time.sleep(10_000);
  }
}

function digestOf(world: World): string {
  const { journal } = world.azure;
  const told = [
    journal.requests(),
    journal.changes(),
    journal.deliveries(),
    storedRecords(world.storage),
    world.wire,
    world.story,
  ];
  return createHash('sha256').update(JSON.stringify(told)).digest('hex');
}
