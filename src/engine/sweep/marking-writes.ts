import type { ResourceId } from '../../types/resource-id.js';
import type { EngineDeps } from '../engine-deps.js';

/**
 * The same, but for what is written of a resource being marked first: a sweep passes over what looks as it did when it
 * was considered last, and must not where somebody has come to something else since.
 */
export function markingWrites(deps: EngineDeps): EngineDeps {
  const { memory, standings, readers, touched } = deps;
  const marked =
    <A extends readonly unknown[]>(write: (id: ResourceId, ...rest: A) => Promise<void>) =>
    async (id: ResourceId, ...rest: A): Promise<void> => {
      await touched.mark(id);
      await write(id, ...rest);
    };
  return {
    ...deps,
    memory: over(memory, { write: marked((id, value) => memory.write(id, value)) }),
    standings: over(standings, {
      write: marked((id, value) => standings.write(id, value)),
      forget: marked((id) => standings.forget(id)),
    }),
    readers: over(readers, {
      saveWorkflow: marked((id, reads) => readers.saveWorkflow(id, reads)),
      forgetWorkflow: marked((id) => readers.forgetWorkflow(id)),
      saveConnection: marked((id, facts) => readers.saveConnection(id, facts)),
    }),
  };
}

/** A port with some of its calls replaced; the others go through to it. */
function over<T extends object>(port: T, own: Partial<T>): T {
  return Object.assign(Object.create(port) as T, own);
}
