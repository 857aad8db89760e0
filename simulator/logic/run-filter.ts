import { ArmFailure } from '../arm/arm-error.js';
import type { WorkflowRun } from './workflow-runs.js';

type Filter = (run: WorkflowRun) => boolean;

/**
 * `startTime ge 2026-01-01T00:00:00Z and status eq 'Failed'`: of the three properties that the specification names,
 * the two that every run has here. How Azure words its refusal of others is not known.
 */
export function runFilter(text: string | null, now: number): Filter {
  const terms = text === null ? [] : text.split(/\s+and\s+/i).map((term) => termOf(term.trim(), now));
  return (run) => terms.every((term) => term(run));
}

function termOf(term: string, now: number): Filter {
  const [, operator = '', value = ''] = /^startTime (ge|gt|le|lt|eq) '?([^']+)'?$/i.exec(term) ?? [];
  const time = Date.parse(value);
  if (!Number.isNaN(time)) return ({ startedAt }) => compare(startedAt, operator.toLowerCase(), time);
  const status = /^status eq '([^']+)'$/i.exec(term)?.[1]?.toLowerCase();
  if (status === undefined) {
    throw new ArmFailure(400, 'InvalidFilterInQuery', `The filter '${term}' is not supported.`);
  }
  return (run) => (now >= run.endedAt ? run.status : 'Running').toLowerCase() === status;
}

function compare(one: number, operator: string, other: number): boolean {
  switch (operator) {
    case 'ge':
      return one >= other;
    case 'gt':
      return one > other;
    case 'le':
      return one <= other;
    case 'lt':
      return one < other;
    default:
      return one === other;
  }
}
