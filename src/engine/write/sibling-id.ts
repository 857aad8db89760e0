import { parseResourceId, type ResourceId } from '../../types/resource-id.js';

/** The id of a resource of the same kind in the same group. Throws `InvalidResourceIdError` for a name that is none. */
export function siblingId(id: ResourceId, name: string): ResourceId {
  return parseResourceId(id.id.slice(0, id.id.lastIndexOf('/') + 1) + name);
}
