import type { World } from '../world.js';
import type { Document } from './document-type.js';

/** Throws what the service answers where a document, or something below it, must stay. */
export function demandDeletable(world: World, document: Document): void {
  document.type.demandDeletable?.(world, document);
}

/** What lies below a document goes with it, and so do the role assignments on it and the events that it has delivered. */
export function removeDocument(world: World, document: Document): void {
  for (const gone of world.documents.under(document.id)) {
    world.documents.remove(gone.id);
    gone.type.removed?.(world, gone);
  }
  world.events.unsubscribeUnder(document.id);
  world.roleAssignments.removeUnder(document.id);
}
