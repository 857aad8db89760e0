import type { ResourceId } from '../../types/resource-id.js';
import { CommandError, EXIT } from '../exit-code.js';
import { namedResource } from './named-resource.js';
import type { LaptopEngine } from './open-engine.js';
import type { Session } from './session.js';

/** A vault by its id, the portal's URL, or its name, which is unique in a cloud and looked for in scope. Throws {@link CommandError}. */
export async function namedVault(
  text: string,
  { settings }: Pick<Session, 'settings'>,
  { lists, encounters }: LaptopEngine,
): Promise<ResourceId> {
  if (!/^[a-z][a-z0-9-]{1,22}[a-z0-9]$/i.test(text)) {
    const id = namedResource(text);
    if (id.kind === 'vault') return id;
    throw new CommandError(`${id.id} is a ${id.kind}, and no vault.`, EXIT.usage);
  }
  try {
    for (const scope of settings.scopes) {
      for await (const { items } of lists.listVaults(scope)) {
        const found = items.find(({ id }) => id.name.toLowerCase() === text.toLowerCase());
        if (found !== undefined) return found.id;
      }
    }
  } catch (error) {
    throw encounters.obstacle() ?? error;
  }
  throw new CommandError(`There is no vault ${text} in scope: give its id, or --subscription.`, EXIT.usage);
}
