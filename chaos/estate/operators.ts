import type { Engine } from '../../src/engine/engine.js';
import { parseResourceId, tryParseResourceId, type ResourceId } from '../../src/types/resource-id.js';
import type { Actor, AuditRecord } from '../../src/types/record.js';
import { REMEDIATOR_IDS } from '../../src/types/remediator-id.js';
import { guidOf } from '../../simulator/random.js';
import type { Random } from '../../simulator/random.js';
import type { Setup } from '../run/draw-setup.js';
import type { World } from '../world/world.js';
import type { Estate } from './build-estate.js';
import { happen, HAPPENINGS } from './people.js';

/** What somebody asks of the app itself. */
export interface Call {
  readonly name: string;
  readonly make: (world: World, estate: Estate, random: Random) => Promise<unknown>;
}

/** What is there to approve or to ask about; more than this nobody looks through. */
const PAGE = 50;

const APPROVERS: readonly Actor[] = ['ada@contoso.com', 'grace@contoso.com'].map((name) => ({
  id: guidOf(name),
  name,
  ip: null,
}));

/** An answer over HTTP, as whoever asks gets it: null where it is an error, or none. */
async function answerOf<T>(world: World, work: (engine: Engine) => Promise<T>): Promise<T | null> {
  try {
    const answer = await world.host.ask(work);
    world.given.push(JSON.stringify(answer));
    return answer;
  } catch (error) {
    if (error instanceof TypeError || error instanceof RangeError) throw error;
    const why = error instanceof Error ? `${error.name}: ${error.message}` : 'unknown';
    world.given.push(why);
    world.tell(`somebody gets no good answer: ${why}`);
    return null;
  }
}

/** The records that the app lists, newest first. */
async function recordsOf(world: World, outcome: AuditRecord['outcome']): Promise<readonly AuditRecord[]> {
  const page = await answerOf(world, (engine) => engine.audit({ outcome, limit: PAGE }));
  return page?.records ?? [];
}

/** Somebody approves a record; says what came of it. */
export async function approve(world: World, recordId: string, random: Random): Promise<string> {
  const approver = APPROVERS[Math.floor(random.next() * APPROVERS.length)] ?? {
    id: null,
    name: null,
    ip: null,
  };
  const given = { recordId, from: world.time.now(), until: null as number | null };
  world.approvals.push(given);
  const answer = await answerOf(world, (engine) => engine.approve({ recordId, approver }));
  given.until = world.time.now();
  const result = answer?.kind === 'done' ? answer.result.outcome : (answer?.kind ?? 'no answer');
  world.tell(`somebody approves ${recordId.slice(0, 13)}: ${result}`);
  return result;
}

/** Somebody asks for a resource by its name; says what came of it. */
export async function askFor(world: World, id: string, dryRun = false): Promise<string> {
  const asked = { id: parseResourceId(id), dryRun, remediators: null };
  const answer = await answerOf(world, (engine) => engine.remediate(asked));
  const result = answer?.kind === 'done' ? answer.outcome : (answer?.kind ?? 'no answer');
  world.tell(`somebody asks for ${id.split('/').at(-1) ?? ''}${dryRun ? ' (dry run)' : ''}: ${result}`);
  return result;
}

/** Approving, well and badly. */
const APPROVALS: readonly Call[] = [
  {
    name: 'approves the newest plan',
    make: async (world, _, random) => {
      const [newest] = await recordsOf(world, 'planned');
      if (newest !== undefined) await approve(world, newest.id, random);
    },
  },
  {
    name: 'approves a plan, however old it is',
    make: async (world, _, random) => {
      const record = oneOf(await recordsOf(world, 'planned'), random);
      if (record !== undefined) await approve(world, record.id, random);
    },
  },
  {
    name: 'approves the same plan twice at once',
    make: async (world, _, random) => {
      const record = oneOf((await recordsOf(world, 'planned')).slice(0, 4), random);
      if (record === undefined) return;
      await Promise.all([approve(world, record.id, random), approve(world, record.id, random)]);
    },
  },
  {
    name: 'approves a plan while somebody is at it',
    make: async (world, estate, random) => {
      const record = oneOf((await recordsOf(world, 'planned')).slice(0, 4), random);
      const happening = oneOf(HAPPENINGS, random);
      if (record === undefined || happening === undefined) return;
      await Promise.all([
        approve(world, record.id, random),
        world.time.sleep(random.between(0, 400)).then(() => happen(world, estate, happening)),
      ]);
    },
  },
  {
    name: 'approves what does not wait',
    make: async (world, _, random) => {
      const record = oneOf(
        [...(await recordsOf(world, 'applied')), ...(await recordsOf(world, 'refused'))],
        random,
      );
      if (record !== undefined) await approve(world, record.id, random);
    },
  },
];

/** Asking for what the limit holds back, or what is contested. */
const RELEASES: readonly Call[] = (['refused', 'contested'] as const).map((outcome) => ({
  name: `asks by name for what is ${outcome}`,
  make: async (world, _, random) => {
    const record = oneOf(await recordsOf(world, outcome), random);
    if (record !== undefined) await askFor(world, record.resourceId);
  },
}));

/** Everything else that the app answers to. */
const REQUESTS: readonly Call[] = [
  {
    name: 'asks for a resource by name',
    make: async (world, _, random) => {
      const id = someId(world, random);
      if (id !== null) await askFor(world, id.id);
    },
  },
  {
    name: 'asks for a dry run',
    make: async (world, _, random) => {
      const id = someId(world, random);
      if (id !== null) await askFor(world, id.id, true);
    },
  },
  {
    name: 'asks for some remediators',
    make: async (world, _, random) => {
      const id = someId(world, random);
      const remediators = REMEDIATOR_IDS.filter(() => random.next() < 0.3);
      if (id === null || remediators.length === 0) return;
      const asked = { id, dryRun: random.next() < 0.3, remediators };
      await answerOf(world, (engine) => engine.remediate(asked));
    },
  },
  {
    name: 'reads the records, page by page',
    make: async (world, _, random) => {
      const limit = Math.round(random.between(1, 20));
      let continuationToken: string | undefined;
      for (let pages = 0; pages < 5; pages += 1) {
        const query = { limit, continuationToken };
        const page = await answerOf(world, (engine) => engine.audit(query));
        continuationToken = page?.continuationToken ?? undefined;
        if (continuationToken === undefined) return;
      }
    },
  },
  {
    name: 'asks how a change is undone',
    make: async (world, _, random) => {
      const record = oneOf(await recordsOf(world, 'applied'), random);
      if (record !== undefined) await answerOf(world, (engine) => engine.undo(record.id));
    },
  },
  {
    name: 'accepts a finding',
    make: async (world, _, random) => {
      const page = await answerOf(world, (engine) => engine.findings({ limit: PAGE, accepted: false }));
      const finding = oneOf(page?.findings ?? [], random);
      if (finding !== undefined)
        await answerOf(world, (engine) => engine.acceptFinding(finding.id, 'It is known.'));
    },
  },
  {
    name: 'asks for the posture',
    make: (world) => answerOf(world, (engine) => engine.posture()),
  },
];

/** What people ask of an app with these settings. */
export function callsFor({ settings, later, isAsked }: Setup): readonly Call[] {
  const all = [settings, later ?? {}];
  const isApproving = all.some((one) => one.HOLDFAST_REMEDIATORS?.includes('=approve') === true);
  const holdsBack = all.some(
    (one) => one.HOLDFAST_MAX_CHANGES !== undefined || one.HOLDFAST_CONTESTED_AFTER !== undefined,
  );
  return [...(isApproving ? APPROVALS : []), ...(holdsBack ? RELEASES : []), ...(isAsked ? REQUESTS : [])];
}

function someId({ azure }: World, random: Random): ResourceId | null {
  return tryParseResourceId(oneOf(azure.resourceIds(), random) ?? '');
}

function oneOf<T>(list: readonly T[], random: Random): T | undefined {
  return list[Math.floor(random.next() * list.length)];
}
