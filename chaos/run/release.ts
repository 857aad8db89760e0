import { seededRandom, type Random } from '../../simulator/random.js';
import type { AuditRecord } from '../../src/types/record.js';
import { approve, askFor } from '../estate/operators.js';
import { holdingOf, pausedUntil, type Holding } from '../evidence/held-back.js';
import { storedRecords } from '../evidence/stored-records.js';
import type { World } from '../world/world.js';
import { sweepAnHourLater, untilSettled } from './calm.js';
import type { Setup } from './draw-setup.js';

/** What is released may show what was hidden behind it: a firewall waits for the addresses of its Logic Apps. */
const MOST_ROUNDS = 6;
/** Longer than the pauses of a run can last. */
const MOST_HOURS = 30;

/**
 * Somebody releases everything that the settings hold back, in one of the ways that are documented for it, until nothing
 * is held back any more.
 */
export async function release(world: World, setup: Setup): Promise<void> {
  const settings = { ...setup.settings, ...setup.later };
  if (Object.keys(settings).length === 0) return;
  const random = seededRandom(world.azure.journal.mark());
  const isPatient = random.next() < 0.5;
  if (isPatient && settings.HOLDFAST_MAX_CHANGES !== undefined) {
    world.redeploy({ HOLDFAST_MAX_CHANGES: '50' });
    await sweepAnHourLater(world);
  }
  if (isPatient) await outlastPauses(world);
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const before = storedRecords(world.storage).length;
    const hasChanged = await releaseNow(world, random);
    await untilSettled(world);
    await sweepAnHourLater(world);
    if (!hasChanged && storedRecords(world.storage).length === before) return;
  }
}

async function outlastPauses(world: World): Promise<void> {
  for (let hours = 0; hours < MOST_HOURS; hours += 1) {
    const pauses = storedRecords(world.storage).filter(({ outcome }) => outcome === 'contested');
    if (!pauses.some((record) => pausedUntil(record) > world.time.now())) return;
    await sweepAnHourLater(world);
  }
}

/** Approves what waits, and asks for the rest by name; says whether anything was changed. */
async function releaseNow(world: World, random: Random): Promise<boolean> {
  const waiting = newestOf(held(world, ['approval']));
  const named = new Set(held(world, ['limit', 'contested']).map(({ resourceId }) => resourceId));
  const results: string[] = [];
  for (const { id } of waiting) results.push(await approve(world, id, random));
  for (const id of named) results.push(await askFor(world, id));
  return results.includes('applied');
}

function held(world: World, reasons: readonly Holding[]): readonly AuditRecord[] {
  return storedRecords(world.storage).filter((record) => {
    const holding = holdingOf(world, record);
    return holding !== null && reasons.includes(holding);
  });
}

/** Of what was planned of a resource again and again, the latest. */
function newestOf(records: readonly AuditRecord[]): readonly AuditRecord[] {
  const latest = new Map(
    records.map((record) => [`${record.remediator} ${record.resourceId.toLowerCase()}`, record]),
  );
  return [...latest.values()];
}
