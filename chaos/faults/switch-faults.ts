import type { Random } from '../../simulator/random.js';
import { SWITCH_DEFINITIONS, type Switches } from '../../simulator/switches.js';
import type { Tenant } from '../estate/tenant.js';
import type { Fault } from './fault.js';

/** Those that faults of their own set, with what they mean for the run. */
const OTHERS = /^(?:event|staleReadsMs)/;
/** Settings under which ARM refuses what this estate is made of. */
const KEPT = new Set(['workflowIdentityMissingOnSave', 'linkedAccess']);

/** Whatever is not known of Azure, settled by chance for one run. */
function drawn(random: Random): Partial<Switches> {
  const entries = Object.entries(SWITCH_DEFINITIONS).flatMap(([name, { values }]) => {
    if (values === 'number' || OTHERS.test(name) || KEPT.has(name)) return [];
    return [[name, values[Math.floor(random.next() * values.length)]] as const];
  });
  return Object.fromEntries(entries);
}

export const SWITCH_FAULTS: readonly Fault<Tenant>[] = [
  {
    name: 'switches',
    about: 'Every switch of the simulator at one of its settings: whatever is not known of Azure, by chance.',
    switches: drawn,
    strike: () => undefined,
  },
];
