import { isJsonObject, type Json } from '../../types/json.js';
import type { Constants } from '../constant.js';
import type { Operation } from '../definition.js';
import type { Expression } from '../expression.js';
import { isCredentialName } from './credential-names.js';
import type { Reference } from './references.js';
import { takenBy } from './taken-by.js';

/** A reference, and where its value goes. */
export interface Read {
  /** Its place in the order of the definition, from 0. */
  readonly at: number;
  readonly reference: Reference;
  /** The one that it stands in; null for one of the workflow's own outputs. */
  readonly operation: Operation | null;
  /** `tracked`: beside the inputs, in what goes into the tracking logs. `variable`: one that is initialised with it. */
  readonly into: 'inputs' | 'tracked' | 'variable' | 'workflow-output';
  /** The variable's or the output's; empty where the value goes into an operation. */
  readonly name: string;
  /**
   * As what it is used: to sign in, as whose secret (`authentication`) or to say who it is (`account`); as a credential,
   * by the name of its place; to be kept by a vault as a secret (`stored`); or for anything.
   */
  readonly as: 'authentication' | 'account' | 'credential' | 'stored' | 'anything';
  /** Whether the value arrives as it is and whole: as all of a Compose's inputs, a variable's value, what is parsed. */
  readonly isWhole: boolean;
}

/** What is known of where a value goes before its own keys are looked at. */
export interface Destination extends Pick<Read, 'operation' | 'into' | 'name' | 'as'> {
  /** Whether the names on the way say as what a value is used. */
  readonly isNamed: boolean;
}

/** An operation's inputs, in which names say as what a value is used. */
export function inputsOf(operation: Operation): Destination {
  return { operation, into: 'inputs', name: '', as: 'anything', isNamed: true };
}

const AUTHENTICATION = 'authentication';

/** What an HTTP action's `authentication` holds besides what is secret. */
const ACCOUNT: ReadonlySet<string> = new Set([
  'audience',
  'authority',
  'clientid',
  'credentialtype',
  'identity',
  'tenant',
  'type',
  'username',
]);

/**
 * What a vault is told about a secret beside its value
 * (https://learn.microsoft.com/rest/api/keyvault/secrets/set-secret/set-secret).
 */
const ABOUT_A_SECRET: ReadonlySet<string> = new Set(['attributes', 'contenttype', 'tags']);

/**
 * Adds everything that the expressions in a value read. `whole` is the text, if there is one, that is all of what the
 * operation works with.
 */
export type ReadValue = (
  root: Json | undefined,
  destination: Destination,
  whole: Json | undefined,
  reads: Read[],
) => void;

/** Walks without recursion: how deep a value is nested is its author's choice. */
export function valueReader(constants: Constants): ReadValue {
  // Empty between two values: a definition has very many, and most are small.
  const values: Json[] = [];
  const destinations: Destination[] = [];
  const later = (value: Json, destination: Destination): void => {
    values.push(value);
    destinations.push(destination);
  };
  return (root, destination, whole, reads) => {
    if (mayRead(root)) later(root, destination);
    for (let at = destinations.pop(); at !== undefined; at = destinations.pop()) {
      const value = values.pop();
      if (typeof value === 'string') {
        collectReads(constants.parse(value), at, value === whole, constants, reads);
      } else if (isJsonObject(value)) {
        for (const key in value) {
          const member = value[key];
          if (key.includes('@')) later(key, at);
          if (mayRead(member)) later(member, placeWithin(at, key));
        }
      } else if (Array.isArray(value)) {
        for (const member of value as readonly Json[]) if (mayRead(member)) later(member, at);
      }
    }
  };
}

/** A text without an expression reads nothing, and most texts are such. */
export function mayRead(value: Json | undefined): value is Json {
  return typeof value === 'string' ? value.includes('@') : typeof value === 'object' && value !== null;
}

function placeWithin(place: Destination, key: string): Destination {
  if (!place.isNamed) return place;
  if (place.as === 'stored')
    return ABOUT_A_SECRET.has(key.toLowerCase()) ? { ...place, as: 'anything' } : place;
  if (place.as === 'authentication')
    return ACCOUNT.has(key.toLowerCase()) ? { ...place, as: 'account' } : place;
  if (key.length === AUTHENTICATION.length && key.toLowerCase() === AUTHENTICATION)
    return { ...place, as: 'authentication' };
  return place.as === 'anything' && isCredentialName(key) ? { ...place, as: 'credential' } : place;
}

function collectReads(
  expression: Expression,
  place: Destination,
  isWhole: boolean,
  constants: Constants,
  reads: Read[],
): void {
  const isText = expression.kind === 'interpolation';
  const { operation, into, name, isNamed } = place;
  for (const { reference, before, isAnnounced } of takenBy(expression, constants)) {
    const as = isText && isNamed ? usedAs(place, before, isAnnounced) : place.as;
    reads.push({ at: reads.length, reference, operation, into, name, as, isWhole: isWhole && !isText });
  }
}

/** As what a part of a text is used, which stands behind this text. */
function usedAs({ as }: Destination, before: string, isAnnounced: boolean): Read['as'] {
  if (as === 'anything') return isAnnounced ? 'credential' : as;
  if (as !== 'stored') return as;
  // JSON that is written as a text
  const [, key] = /"(\w+)"\s*:\s*"?$/.exec(before.slice(-80)) ?? [];
  return key === undefined || key === 'value' ? as : 'anything';
}
