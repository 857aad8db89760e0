import { ARM_FAULTS } from './arm-faults.js';
import { EVENT_FAULTS } from './event-faults.js';
import type { Fault } from './fault.js';
import { PROCESS_FAULTS } from './process-faults.js';
import { STORAGE_FAULTS } from './storage-faults.js';
import { SWITCH_FAULTS } from './switch-faults.js';

/** Everything that can go wrong in a run, alone or together. */
export const FAULTS: readonly Fault[] = [
  ...ARM_FAULTS,
  ...EVENT_FAULTS,
  ...STORAGE_FAULTS,
  ...PROCESS_FAULTS,
  ...SWITCH_FAULTS,
];
