import type { Tenant } from '../estate/tenant.js';
import type { Fault } from './fault.js';

const nothing = (): void => undefined;

/** What becomes of events on their way. */
export const EVENT_FAULTS: readonly Fault<Tenant>[] = [
  {
    name: 'duplicate events',
    about: 'Each event comes up to five times, at different moments.',
    switches: (random) => ({
      eventDuplicates: Math.round(random.between(1, 4)),
      eventDelayMaxMs: random.between(0, 20_000),
    }),
    strike: nothing,
  },
  {
    name: 'lost events',
    about: 'Some events never come, or all of them.',
    switches: (random) => ({ eventLoss: random.next() < 0.3 ? 1 : random.between(0.1, 0.7) }),
    strike: nothing,
  },
  {
    name: 'late and out-of-order events',
    about: 'Events come up to half an hour late, in any order.',
    switches: (random) => ({ eventDelayMinMs: 0, eventDelayMaxMs: random.between(5000, 1_800_000) }),
    strike: nothing,
  },
  {
    name: 'events spelled otherwise',
    about: 'Ids and operations in any case, with or without what an event may leave out.',
    switches: (random) => {
      const one = <T>(...values: readonly T[]): T => values[Math.floor(random.next() * values.length)] as T;
      return {
        eventUriCase: one('lower', 'upper', 'mixed'),
        eventOperationCase: one('canonical', 'upper'),
        eventChildUri: one('child', 'parent'),
        eventHttpRequest: one('present', 'without-ip', 'absent'),
      };
    },
    strike: nothing,
  },
];
