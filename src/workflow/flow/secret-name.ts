import { getIgnoringCase } from '../../types/json.js';
import { usesConnection } from '../action-connection.js';
import { NAMES, toldOnce } from '../told-once.js';
import type { Constants } from '../constant.js';
import type { Operation } from '../definition.js';
import { hasHole, textOf } from '../folded.js';
import { uriTargetOf } from '../vault-uri.js';

/** What the service takes as a secret's name; anything else is not repeated to whoever reads about it. */
const SECRET_NAME = /^[0-9a-z-]{1,127}$/i;

/** The name of the secret that an operation asks a vault for; null where it cannot be told before a run. */
export function secretNameIn(operation: Operation, constants: Constants): string | null {
  const { inputs } = operation;
  const path = usesConnection(operation)
    ? textOf(constants.fold(getIgnoringCase(inputs, 'path')))
    : vaultPath(constants.fold(getIgnoringCase(inputs, 'uri')));
  return secretNameAt(path);
}

const secretNameAt = toldOnce((path): string | null => {
  const [collection, name] =
    path
      .split(/[?#]/)[0]
      ?.split('/')
      .filter((part) => part !== '') ?? [];
  if (collection?.toLowerCase() !== 'secrets' || name === undefined || hasHole(name)) return null;
  return SECRET_NAME.test(name) ? name : null;
}, NAMES);

function vaultPath(uri: ReturnType<Constants['fold']>): string {
  const target = uriTargetOf(uri);
  return target.kind === 'vault' ? target.path : '';
}
