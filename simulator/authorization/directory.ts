import { textAt } from '../json.js';
import type { World } from '../world.js';

/**
 * Whether the directory knows somebody, as far as the simulator can tell: it has the principals of identities and of
 * workflows, and nobody who only calls.
 */
export function isPrincipalThere(world: World, principalId: string): boolean {
  const wanted = principalId.toLowerCase();
  const isIdentity = world.documents.all.some(
    ({ content }) => textAt(content.properties, 'principalId')?.toLowerCase() === wanted,
  );
  if (isIdentity) return true;
  return world.estate.all().some(({ state }) => {
    const identity = state.top.get('identity');
    return identity !== undefined && textAt(JSON.parse(identity), 'principalId')?.toLowerCase() === wanted;
  });
}
