import { createHash } from 'node:crypto';
import { seededRandom } from '../../simulator/random.js';
import { buildEstate, type Estate } from '../estate/build-estate.js';
import { allowMoves, betweenMoves, MOVE_HAPPENINGS } from '../estate/moves.js';
import { callsFor } from '../estate/operators.js';
import { happen, HAPPENINGS, STUBBORN, type Happening } from '../estate/people.js';
import { storedRecords } from '../evidence/stored-records.js';
import type { Storm } from '../faults/fault.js';
import type { Violation } from '../invariants/invariant.js';
import type { Tamper, World } from '../world/world.js';
import { calm, sweep } from './calm.js';
import { judge } from './judge.js';
import { inWorld } from './in-world.js';
import type { Setup } from './draw-setup.js';
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

/** One run from its seed: an estate, a storm, the calm after it, and whether everything held. */
export async function runSeed(
  seed: number,
  tamper?: Tamper,
  look: (world: World) => void = () => undefined,
): Promise<RunResult> {
  const plan = planRun(seed);
  const options = {
    switches: plan.switches,
    failedEventIs: plan.failedEventIs,
    settings: plan.setup.settings,
    ...(tamper === undefined ? {} : { tamper }),
  };
  return inWorld(seed, options, async (world) => {
    const start = world.time.now();
    const estate = await buildEstate(world, plan.size);
    if (plan.setup.isMoving) await allowMoves(world, estate);
    world.start();
    await world.azure.subscribeEvents({ endpoint: 'https://host.chaos/events' });
    await sweep(world);
    await storm(world, estate, plan);
    calm(world);
    const violations = await judge(world, plan.setup, estate);
    look(world);
    return {
      seed,
      faults: [...plan.faults.map(({ name }) => name), ...plan.setup.names],
      violations: violations.map((violation) => ({ ...violation, story: storyOf(world, violation) })),
      digest: digestOf(world),
      virtualMs: world.time.now() - start,
    };
  });
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
  callTheApp(world, estate, plan, every);
  if (plan.setup.isMoving) {
    every(120_000, 600_000, () => {
      world.azure.faults.add(betweenMoves({ estate, random }));
    });
  }
  const { later } = plan.setup;
  if (later !== null) {
    world.time.set(
      () => {
        world.redeploy(later);
      },
      random.between(0.2, 0.8) * plan.stormMs,
    );
  }
  const happenings = happeningsFor(plan.setup);
  if (plan.setup.settings.HOLDFAST_CONTESTED_AFTER !== undefined) {
    const again = STUBBORN[Math.floor(random.next() * STUBBORN.length)];
    every(60_000, 300_000, () => (again === undefined ? undefined : happen(world, estate, again)));
  }
  const times = Array.from({ length: plan.happenings }, () => random.between(0, plan.stormMs)).sort(
    (a, b) => a - b,
  );
  const start = world.time.now();
  for (const at of times) {
    await world.time.sleep(Math.max(0, start + at - world.time.now()));
    const happening = happenings[Math.floor(random.next() * happenings.length)];
    if (happening !== undefined) watched(happen(world, estate, happening));
  }
  await world.time.sleep(Math.max(0, end - world.time.now()));
  // What somebody has begun is finished: the last of them may take half an hour.
  await world.time.sleep(HOUR_MS / 2);
  if (failures.length > 0) throw failures[0];
}

/** Where connections are moved, half of what people do is about that. */
function happeningsFor({ isMoving }: Setup): readonly Happening[] {
  if (!isMoving) return HAPPENINGS;
  const times = Math.round(HAPPENINGS.length / MOVE_HAPPENINGS.length);
  return [...HAPPENINGS, ...Array.from({ length: times }, () => MOVE_HAPPENINGS).flat()];
}

/** People approve, release and ask, by a chance of their own. */
function callTheApp(world: World, estate: Estate, { seed, setup }: RunPlan, every: Storm['every']): void {
  const random = seededRandom(seed * 37 + 11);
  const calls = callsFor(setup);
  if (calls.length === 0) return;
  every(20_000, 240_000, async () => {
    const call = calls[Math.floor(random.next() * calls.length)];
    if (call === undefined) return;
    world.tell(`somebody ${call.name}`);
    await call.make(world, estate, random);
  });
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
