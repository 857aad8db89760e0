import { isJsonObject, type Json } from '../../types/json.js';
import type { Constants } from '../constant.js';
import type { Expression } from '../expression.js';
import { announcesCredential, isCredentialName } from './credential-names.js';
import { referencesIn, type Reference } from './references.js';

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
export function* readsInValue(
  root: Json | undefined,
  destination: Destination,
  whole: Json | undefined,
  constants: Constants,
): Generator<Read> {
  const pending: (readonly [Json | undefined, Destination])[] = [[root, destination]];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const [value, at] = next;
    if (typeof value === 'string') {
      yield* readsInText(constants.parse(value), at, value === whole, constants);
    } else if (Array.isArray(value)) {
      for (const member of value as readonly Json[]) pending.push([member, at]);
    } else if (isJsonObject(value)) {
      for (const [key, member] of Object.entries(value)) {
        if (key.includes('@')) pending.push([key, at]);
        pending.push([member, placeWithin(at, key)]);
      }
    }
  }
}

function placeWithin(place: Destination, key: string): Destination {
  if (place.as === 'stored')
    return ABOUT_A_SECRET.has(key.toLowerCase()) ? { ...place, as: 'anything' } : place;
  if (place.as === 'authentication')
    return ACCOUNT.has(key.toLowerCase()) ? { ...place, as: 'account' } : place;
  if (key.toLowerCase() === 'authentication') return { ...place, as: 'authentication' };
  return place.as === 'anything' && isCredentialName(key) ? { ...place, as: 'credential' } : place;
}

function readsInText(
  expression: Expression,
  place: Destination,
  isWhole: boolean,
  constants: Constants,
): readonly Read[] {
  if (expression.kind !== 'interpolation') {
    return referencesIn(expression, constants).map((reference) => ({ reference, isWhole, ...place }));
  }
  let before = '';
  return expression.parts.flatMap((part) => {
    const as = usedAs(place, before);
    before = part.kind === 'literal' ? String(part.value) : '';
    return referencesIn(part, constants).map((reference) => ({ reference, isWhole: false, ...place, as }));
  });
}

/** As what a part of a text is used, which stands behind this text. */
function usedAs({ as }: Destination, before: string): Read['as'] {
  if (as === 'anything') return announcesCredential(before) ? 'credential' : as;
  if (as !== 'stored') return as;
  // JSON that is written as a text
  const [, key] = /"(\w+)"\s*:\s*"?$/.exec(before.slice(-80)) ?? [];
  return key === undefined || key === 'value' ? as : 'anything';
}
