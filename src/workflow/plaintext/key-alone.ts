import { TEXTS, toldOnce } from '../told-once.js';
import { recognise } from './recognised.js';
import { tellingName, type Telling } from './telling-name.js';

/**
 * What a key is, whatever it is in. A text under `value` or another that is `unnamed` is called what the object around
 * it is called; under `value` and a `credential` an authentication object has what is secret in it.
 */
export type Role =
  'value' | 'unnamed' | 'credential' | 'authentication' | 'queries' | 'order' | 'schema' | 'name';

/** What can be said of a key, or of another name that a value has, wherever it stands. */
export interface KeyAlone {
  readonly name: string;
  readonly role: Role;
  readonly telling: Telling | null;
  /** What it is where it is a credential itself; null where it is none. */
  readonly kind: string | null;
  /** In a condition, the two values that are under it are compared. */
  readonly compares: boolean;
}

const ROLES: ReadonlyMap<string, Role> = new Map([
  ['value', 'value'],
  ['defaultvalue', 'unnamed'],
  ['inputs', 'unnamed'],
  ['password', 'credential'],
  ['secret', 'credential'],
  ['pfx', 'credential'],
  ['authentication', 'authentication'],
  ['queries', 'queries'],
  ['runafter', 'order'],
  ['schema', 'schema'],
]);

/** Shorter keys hold no credential that could be recognised by itself. */
const MIN_CREDENTIAL = 16;

/**
 * Told once of each: one look at a key stands for all that is asked of it. The names of actions are long ones, too. One
 * that is a credential is not kept.
 */
export const keyAloneOf = toldOnce(
  (name): KeyAlone => ({
    name,
    role: ROLES.get(name.toLowerCase()) ?? 'name',
    telling: tellingName(name),
    kind: name.length < MIN_CREDENTIAL ? null : recognise([name]),
    compares: /^(?:equals|contains|startswith|endswith)$/i.test(name),
  }),
  { ...TEXTS, isKept: ({ kind }) => kind === null },
);
