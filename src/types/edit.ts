import type { Json } from './json.js';

/**
 * One change to one place of a resource's JSON document. `path` is a JSON pointer (RFC 6901) from the
 * resource's root, e.g. `/properties/networkAcls/ipRules`.
 *
 * `set` gives the value at `path` (`before` is null where there was none); `add` and `remove` put one member
 * into the list at `path` or take one out of it. Parents that are missing are created.
 */
export type Edit = SetEdit | AddEdit | RemoveEdit;

export interface SetEdit {
  readonly op: 'set';
  readonly path: string;
  readonly before: Json;
  readonly after: Json;
  readonly reason: string;
}

export interface AddEdit {
  readonly op: 'add';
  readonly path: string;
  readonly before: null;
  readonly after: Json;
  readonly reason: string;
}

export interface RemoveEdit {
  readonly op: 'remove';
  readonly path: string;
  readonly before: Json;
  readonly after: null;
  readonly reason: string;
}
