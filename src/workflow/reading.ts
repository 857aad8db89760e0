import type { WorkflowDocument } from '../types/observation.js';
import { connectionEntriesOf, type ConnectionEntry } from './connections.js';
import { constantsOf, type Constants } from './constant.js';
import { operationsOf, type Operation } from './definition.js';

/** What everything that is asked of a workflow begins with. */
export interface Reading {
  readonly operations: readonly Operation[];
  readonly constants: Constants;
  readonly connectionEntries: readonly ConnectionEntry[];
}

const readings = new WeakMap<WorkflowDocument, Reading>();
/** Of edited documents: what has read the texts of those that they were made of. */
const readers = new WeakMap<WorkflowDocument, Constants['parse']>();

/**
 * Reads a workflow. A document never changes, an edited one is another, so that a plan, for which several remediators
 * look at the same one, reads it once.
 */
export function readingOf(workflow: WorkflowDocument): Reading {
  const known = readings.get(workflow);
  if (known !== undefined) return known;
  const operations = operationsOf(workflow);
  const reading: Reading = {
    operations,
    constants: constantsOf(workflow, operations, readers.get(workflow)),
    connectionEntries: connectionEntriesOf(workflow),
  };
  readings.set(workflow, reading);
  return reading;
}

/** That a workflow has been edited: most of its expressions are those that it had before, and need not be read again. */
export function readOn(before: WorkflowDocument, edited: WorkflowDocument): void {
  const reading = readings.get(before);
  if (reading !== undefined) readers.set(edited, reading.constants.parse);
}
