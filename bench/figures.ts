import { burst } from './burst.js';
import { compliantSweep } from './compliant-sweep.js';
import { dashboardPace } from './dashboard-pace.js';
import { duplicateEvents } from './duplicate-events.js';
import { eventToFix } from './event-to-fix.js';
import type { Figure } from './figure.js';
import { coldStart, planToParse } from './in-process-figures.js';
import { repair } from './repair.js';
import { sweepMemory } from './sweep-memory.js';

/** In the order in which they are measured: what is told in milliseconds first, while the machine is quiet. */
export const MEASUREMENTS: readonly Figure[] = [
  coldStart,
  planToParse,
  dashboardPace,
  eventToFix,
  duplicateEvents,
  burst,
  repair,
  compliantSweep,
  sweepMemory,
];
