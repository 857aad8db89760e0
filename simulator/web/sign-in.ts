import type { Principal } from '../principal.js';
import type { World } from '../world.js';

/** Throws a RangeError for a connection that there is not. */
export function signIn(world: World, connectionId: string, { objectId, name }: Principal): void {
  const connection = world.estate.find(connectionId);
  if (connection?.type.kind !== 'connection') throw new RangeError(`There is no connection ${connectionId}.`);
  const state = { ...connection.state, signedIn: { objectId, name } };
  world.estate.put(connection, state, world.clock.now(), 0);
}
