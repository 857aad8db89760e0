import type { Random } from '../random.js';
import { nextVersion } from './workflow-versions.js';

/** The states of the specification that a finished run can be in. */
export type RunStatus = 'Succeeded' | 'Failed' | 'Cancelled' | 'TimedOut' | 'Skipped' | 'Aborted';

export interface WorkflowRun {
  readonly sequence: number;
  readonly name: string;
  readonly trigger: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly endedAt: number;
  /** Once it has ended. */
  readonly status: RunStatus;
}

export interface RunDetails {
  readonly trigger?: string;
  readonly startedAt?: number;
  readonly durationMs?: number;
  readonly status?: RunStatus;
}

/** https://learn.microsoft.com/azure/logic-apps/logic-apps-limits-and-config#run-duration-retention-limits */
const RETENTION_MS = 90 * 86_400_000;

/** The run history of each workflow: when it ran and how that ended, nothing of what went through it. */
export class WorkflowRuns {
  readonly #byWorkflow = new Map<string, { runs: WorkflowRun[]; isSorted: boolean }>();
  #sequence = 0;

  constructor(private readonly random: Random) {}

  add(workflowId: string, now: number, details: RunDetails): WorkflowRun {
    const { trigger = 'manual', startedAt = now, durationMs = 1000, status = 'Succeeded' } = details;
    this.#sequence += 1;
    const run: WorkflowRun = {
      sequence: this.#sequence,
      name: this.nameOf(startedAt),
      trigger,
      startedAt,
      endedAt: startedAt + durationMs,
      status,
    };
    const history = this.#byWorkflow.get(workflowId.toLowerCase()) ?? { runs: [], isSorted: true };
    history.runs.push(run);
    history.isSorted = false;
    this.#byWorkflow.set(workflowId.toLowerCase(), history);
    return run;
  }

  /** Newest first; what has run out of its retention is gone. */
  of(workflowId: string, now: number): readonly WorkflowRun[] {
    const history = this.#byWorkflow.get(workflowId.toLowerCase());
    if (history === undefined) return [];
    if (!history.isSorted) history.runs.sort((a, b) => b.startedAt - a.startedAt || b.sequence - a.sequence);
    history.isSorted = true;
    return history.runs.filter(({ startedAt }) => startedAt > now - RETENTION_MS);
  }

  removeOf(workflowId: string): void {
    this.#byWorkflow.delete(workflowId.toLowerCase());
  }

  /** As the specification's examples have them: what is left of time, then digits of the unit that ran it. */
  private nameOf(startedAt: number): string {
    const digits = Math.floor(this.random.next() * 1e9).toString();
    return `${nextVersion(startedAt, undefined)}${digits.padStart(9, '0')}CU00`;
  }
}
