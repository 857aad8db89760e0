import type { JsonObject } from '../types/json.js';
import { propertiesOf, type WorkflowDocument } from '../types/observation.js';
import { connectionEntriesOf, type ConnectionEntry } from './connections.js';
import { constantsOf, type Constants } from './constant.js';
import { operationsOf, type Operation } from './definition.js';

/** What everything that is asked of a workflow begins with. */
export interface Reading {
  readonly operations: readonly Operation[];
  readonly constants: Constants;
  readonly connectionEntries: readonly ConnectionEntry[];
}

const readings = new WeakMap<JsonObject, Reading>();

/**
 * Reads a workflow's properties, where all of it stands. They never change, edited ones are others, so that a plan, for
 * which several remediators look at the same ones, reads them once.
 */
export function readingOf(workflow: WorkflowDocument): Reading {
  const properties = propertiesOf(workflow);
  const known = readings.get(properties);
  if (known !== undefined) return known;
  const operations = operationsOf(workflow);
  const reading: Reading = {
    operations,
    constants: constantsOf(workflow, operations),
    connectionEntries: connectionEntriesOf(workflow),
  };
  readings.set(properties, reading);
  return reading;
}
