import { InvalidResourceIdError, parseResourceId, type ResourceId } from '../../types/resource-id.js';
import { CommandError, EXIT } from '../exit-code.js';

/**
 * A resource as somebody names it: by its id, or by the URL that the portal shows it under, whatever blade of it is open.
 * Throws {@link CommandError}.
 */
export function namedResource(text: string): ResourceId {
  try {
    return parseResourceId(idIn(text.trim()));
  } catch (error) {
    if (!(error instanceof InvalidResourceIdError)) throw error;
    throw new CommandError(
      `${error.message} Give its id (az resource show has it, and the JSON view in the portal), or the portal's URL of it.`,
      EXIT.usage,
    );
  }
}

/** What is said of a resource that is not in scope, and so is neither read nor written. */
export function outOfScope({ id, subscriptionId }: ResourceId): CommandError {
  return new CommandError(
    `${id} lies in none of the scopes: give --subscription ${subscriptionId}, or set HOLDFAST_SCOPES otherwise.`,
    EXIT.usage,
  );
}

export function notInAzure({ id }: ResourceId): CommandError {
  return new CommandError(`Azure has no ${id}.`, EXIT.usage);
}

/** `https://portal.azure.com/#@contoso.com/resource/subscriptions/…/vaults/kv/networking`; other clouds have other hosts. */
function idIn(text: string): string {
  if (!/^https:\/\//i.test(text)) return text.replace(/(?<!\/)\/$/, '');
  const at = text.toLowerCase().indexOf('/subscriptions/');
  if (at < 0) return text;
  const path = text.slice(at).split(/[?#]/)[0] ?? '';
  return decoded(path).split('/').slice(0, 9).join('/');
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
