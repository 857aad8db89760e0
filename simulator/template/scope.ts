import type { Node } from 'jsonc-parser';
import type { Load } from './load.js';
import type { Value } from './value.js';

/** Where a template is deployed, as resourceGroup(), subscription() and deployment() tell it; null is not known. */
export interface Place {
  readonly tenantId: string;
  readonly subscriptionId: string | null;
  readonly resourceGroup: string | null;
  readonly location: string | null;
  readonly deploymentName: string | null;
}

/** The running copy loops: the resource's own, which needs no name, and all by name in lower case. */
export interface Copies {
  readonly current: number | null;
  readonly named: ReadonlyMap<string, number>;
}

export const noCopies: Copies = { current: null, named: new Map() };

export interface UserFunction {
  readonly parameters: readonly string[];
  readonly output: Node;
  readonly pointer: string;
}

/** What an expression sees from where it stands. */
export interface Scope {
  readonly load: Load;
  /** The text that the nodes' offsets point into. */
  readonly text: string;
  readonly place: Place;
  /** Both throw Unresolved when there is no such value. */
  readonly parameter: (name: string) => Value;
  readonly variable: (name: string) => Value;
  /** By `namespace.name` in lower case. */
  readonly functions: ReadonlyMap<string, UserFunction>;
  readonly copies: Copies;
  /**
   * Pointers whose expression an outer template could not resolve, with the reason. They are in the text as
   * they were, and must not be read again as this template's own: its parameters have the same names.
   */
  readonly frozen: ReadonlyMap<string, string>;
}
