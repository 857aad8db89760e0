import { isJsonObject, type Json } from '../../types/json.js';
import type { Constants } from '../constant.js';
import type { Expression } from '../expression.js';
import { isCredentialName } from './credential-names.js';
import type { Reference } from './references.js';
import { takenBy } from './taken-by.js';

/** A reference, and where in the operation its value goes. */
export interface Read {
  readonly reference: Reference;
  /** `tracked`: beside the inputs, in what goes into the tracking logs. */
  readonly into: 'inputs' | 'tracked';
  /**
   * As what it is used: to sign in, as whose secret (`authentication`) or to say who it is (`account`); as a credential,
   * by the name of its place; to be kept by a vault as a secret (`stored`); or for anything.
   */
  readonly as: 'authentication' | 'account' | 'credential' | 'stored' | 'anything';
  /** Whether the value arrives as it is and whole: as all of a Compose's inputs, a variable's value, what is parsed. */
  readonly isWhole: boolean;
  /** The variable that it is given to, in lower case; null where that is the operation's own, or none. */
  readonly variable: string | null;
}

/** What is known of where a value goes before its own keys are looked at. */
export type Destination = Pick<Read, 'into' | 'as' | 'variable'>;

export const INPUTS: Destination = { into: 'inputs', as: 'anything', variable: null };

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
 * Everything that the expressions in a value read. `whole` is the text, if there is one, that is all of what the
 * operation works with. Walks without recursion: how deep a value is nested is its author's choice.
 */
export function readsInValue(
  root: Json | undefined,
  destination: Destination,
  whole: Json | undefined,
  constants: Constants,
): readonly Read[] {
  const reads: Read[] = [];
  const values: (Json | undefined)[] = [root];
  const destinations: Destination[] = [destination];
  for (let at = destinations.pop(); at !== undefined; at = destinations.pop()) {
    const value = values.pop();
    if (typeof value === 'string') {
      if (mayRead(value)) collectReads(constants.parse(value), at, value === whole, constants, reads);
    } else if (Array.isArray(value)) {
      for (const member of value as readonly Json[]) {
        if (!mayRead(member)) continue;
        values.push(member);
        destinations.push(at);
      }
    } else if (isJsonObject(value)) {
      for (const key in value) {
        const member = value[key];
        if (key.includes('@')) {
          values.push(key);
          destinations.push(at);
        }
        if (!mayRead(member)) continue;
        values.push(member);
        destinations.push(placeWithin(at, key));
      }
    }
  }
  return reads;
}

/** A text without an expression reads nothing, and most texts are such. */
export function mayRead(value: Json | undefined): boolean {
  return typeof value === 'string' ? value.includes('@') : typeof value === 'object' && value !== null;
}

function placeWithin(place: Destination, key: string): Destination {
  if (place.as === 'stored')
    return ABOUT_A_SECRET.has(key.toLowerCase()) ? { ...place, as: 'anything' } : place;
  if (place.as === 'authentication')
    return ACCOUNT.has(key.toLowerCase()) ? { ...place, as: 'account' } : place;
  if (key.toLowerCase() === 'authentication') return { ...place, as: 'authentication' };
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
  const { into, variable } = place;
  for (const { reference, before, isAnnounced } of takenBy(expression, constants)) {
    const as = isText ? usedAs(place, before, isAnnounced) : place.as;
    reads.push({ reference, into, as, isWhole: isWhole && !isText, variable });
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
