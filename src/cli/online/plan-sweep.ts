import type { EngineDeps } from '../../engine/engine-deps.js';
import type { Engine } from '../../engine/engine.js';
import type { ListedFinding } from '../../engine/findings.js';
import type { AuditRecord } from '../../types/record.js';
import type { CommandError } from '../exit-code.js';
import { progressOn } from '../output/progress.js';
import { counted } from '../output/report.js';
import type { Terminal } from '../output/terminal.js';
import { openEngine } from './open-engine.js';
import type { OpenState } from './open-state.js';
import { runQueue, type QueueRun } from './run-queue.js';
import type { Session } from './session.js';

/** What a sweep found, and would do. */
export interface SweepPlan extends QueueRun {
  readonly records: readonly AuditRecord[];
  readonly findings: readonly ListedFinding[];
  /** Why there are problems, where Azure's answers say so. */
  readonly obstacle: CommandError | null;
  readonly readers: EngineDeps['readers'];
}

const PAGE = 1000;

/** Goes through everything in scope with list calls, as the app's sweep does, and writes nothing anywhere. */
export async function planSweep(
  { settings, signedIn }: Session,
  state: OpenState,
  { err }: Terminal,
): Promise<SweepPlan> {
  const progress = progressOn(err);
  let listed = 0;
  const laptop = openEngine(settings, signedIn, state, {
    access: 'plan',
    onListed: (count) => {
      listed += count;
      progress.show(`Looked at ${counted(listed, 'resource')} …`);
    },
    onThrottled: progress.wait,
  });
  const { engine, encounters, readers } = laptop;
  // It has nothing to finish: Ctrl-C ends it as it is.
  const never = new AbortController().signal;
  const { correlationId } = await engine.sweep();
  const run = await runQueue(laptop, never);
  const findings = await allFindings(engine);
  progress.clear();
  return {
    ...run,
    // What became of earlier writes is no part of the plan.
    records: latestOfEach(laptop.records().filter((record) => record.correlationId === correlationId)),
    findings,
    obstacle: run.problems.length > 0 ? encounters.obstacle() : null,
    readers,
  };
}

async function allFindings(engine: Pick<Engine, 'findings'>): Promise<readonly ListedFinding[]> {
  const all: ListedFinding[] = [];
  for (let continuationToken: string | undefined; ;) {
    const page = await engine.findings({ accepted: false, limit: PAGE, continuationToken });
    all.push(...page.findings);
    if (page.continuationToken === null) return all;
    ({ continuationToken } = page);
  }
}

/** A resource may be considered twice, when it became known what it belongs to: the second time counts. */
function latestOfEach(records: readonly AuditRecord[]): readonly AuditRecord[] {
  const latest = new Map<string, AuditRecord[]>();
  for (const record of records) {
    const key = `${record.resourceId.toLowerCase()} ${record.remediator}`;
    const before = latest.get(key) ?? [];
    latest.set(key, before[0]?.writeId === record.writeId ? [...before, record] : [record]);
  }
  return [...latest.values()].flat();
}
