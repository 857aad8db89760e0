import { NAMES, toldOnce } from '../told-once.js';
import { wordsOf } from './words.js';

/**
 * How much a value must look like a credential before its name decides: a password may be any word, a key has
 * digits among its letters, and what is merely called `key` or `code` must look drawn at random.
 */
export type Demand = 'any-word' | 'mixed' | 'random';

/** What a name says that its value is. */
export interface Telling {
  readonly kind: string;
  readonly demand: Demand;
}

type Term = readonly [ending: string, kind: string, demand: Demand];

/** What such names end in, written together, the more specific first. */
const ENDINGS: readonly Term[] = [
  ['password', 'password', 'any-word'],
  ['passwd', 'password', 'any-word'],
  ['pwd', 'password', 'any-word'],
  ['passphrase', 'passphrase', 'any-word'],
  ['clientsecret', 'client secret', 'mixed'],
  ['appsecret', 'client secret', 'mixed'],
  ['applicationsecret', 'client secret', 'mixed'],
  ['webhooksecret', 'webhook secret', 'mixed'],
  ['secret', 'secret', 'mixed'],
  ['subscriptionkey', 'API Management subscription key', 'mixed'],
  ['functionskey', 'function key', 'mixed'],
  ['functionkey', 'function key', 'mixed'],
  ['apikey', 'API key', 'mixed'],
  ['appkey', 'API key', 'mixed'],
  ['applicationkey', 'API key', 'mixed'],
  ['sharedaccesskey', 'shared access key', 'mixed'],
  ['accountkey', 'storage account key', 'mixed'],
  ['storagekey', 'storage account key', 'mixed'],
  ['workspacekey', 'Log Analytics shared key', 'mixed'],
  ['sharedkey', 'shared key', 'mixed'],
  ['accesskey', 'access key', 'mixed'],
  ['secretkey', 'secret key', 'mixed'],
  ['privatekey', 'private key', 'mixed'],
  ['signingkey', 'signing key', 'mixed'],
  ['encryptionkey', 'encryption key', 'mixed'],
  ['masterkey', 'master key', 'mixed'],
  ['adminkey', 'API key', 'mixed'],
  ['authkey', 'API key', 'mixed'],
  ['sharedaccesssignature', 'SAS token', 'mixed'],
  ['sastoken', 'SAS token', 'mixed'],
  ['accesstoken', 'access token', 'mixed'],
  ['refreshtoken', 'refresh token', 'mixed'],
  ['bearertoken', 'bearer token', 'mixed'],
  ['token', 'token', 'mixed'],
  ['connectionstring', 'connection string', 'mixed'],
  ['connstring', 'connection string', 'mixed'],
  ['authorization', 'Authorization header', 'mixed'],
  ['credential', 'credential', 'mixed'],
];

/** Those that count as a word of their own only: `compat` and `bypass` are no secrets. */
const LAST_WORDS: readonly Term[] = [
  ['pat', 'personal access token', 'mixed'],
  ['jwt', 'bearer token', 'mixed'],
  ['sas', 'SAS token', 'mixed'],
  ['pfx', 'certificate with its private key', 'random'],
  ['pass', 'password', 'mixed'],
  ['auth', 'credential', 'random'],
  ['key', 'key', 'random'],
];

/** In the query of a URI. */
const PARAMETERS: readonly Term[] = [
  ['sig', 'SAS signature', 'random'],
  ['signature', 'SAS signature', 'random'],
  ['code', 'function key', 'random'],
];

/** After the term, they say that the value is about the secret: `tokenEndpoint`, `client_secret_name`. */
const ABOUT = wordSet(
  'name names id ids identifier uri uris url urls type types kind format endpoint host server path file version',
  'expiry expires expire expiration expired lifetime ttl length size count limit limits total used usage valid',
  'validity required enabled disabled set status state policy policies rule rules rotation reset change changed',
  'last created updated date time datetime days hours minutes seconds field column label hint prompt title',
  'description message info issuer audience provider scope scopes realm vault reference ref store source',
  'algorithm method mode index prefix suffix property properties validation strength complexity protection',
);

/** Before `token` and `key`, they say that it opens nothing: `nextPageToken`, `partitionKey`. */
const OPENS_NOTHING = wordSet(
  'next page paging pagination continuation skip delta sync cancellation change cursor max min num number total',
  'prompt completion csrf xsrf partition row sort foreign public key unique verification forgery antiforgery dedup deduplication idempotency',
  'session message object record issue project registry correlation cache hash routing group lookup composite',
);

function wordSet(...lines: readonly string[]): ReadonlySet<string> {
  return new Set(lines.join(' ').split(' '));
}

/** What a field, header, variable or parameter is called, if that says that its value is a credential. */
export const tellingName = toldOnce(
  (name): Telling | null => (mayTell(name) ? tellingWords(wordsOf(name)) : null),
  NAMES,
);

/** What the letters of a name that tells anything have in them, however they are made into words. */
const TERM = new RegExp(shortest([...ENDINGS, ...LAST_WORDS].map(([term]) => term)).join('|'), 'i');

/** Without those that hold another. */
function shortest(terms: readonly string[]): readonly string[] {
  return terms.filter((term) => !terms.some((other) => other !== term && term.includes(other)));
}

/** Most names do not, and to take a name apart is much more work. */
function mayTell(name: string): boolean {
  return TERM.test(name) || (/[^A-Za-z]/.test(name) && TERM.test(name.replace(/[^A-Za-z]+/g, '')));
}

/** The same for a parameter in the query of a URI. */
export function tellingParameter(name: string): Telling | null {
  return toTelling(PARAMETERS.find(([term]) => term === name.toLowerCase())) ?? tellingName(name);
}

/** Whether a text is made of words that name a secret: `CrowdStrike-ClientSecret`. */
export function namesSecret(words: readonly string[]): boolean {
  return words.some((_, i) => termAt(words, i) !== undefined);
}

function tellingWords(words: readonly string[]): Telling | null {
  for (let i = words.length - 1; i >= 0; i -= 1) {
    const term = termAt(words, i);
    if (term !== undefined) return OPENS_NOTHING.has(words[i - 1] ?? '') ? null : toTelling(term);
    if (ABOUT.has(words[i] ?? '')) return null;
  }
  return null;
}

/** The term that the words up to this one end in. Three words hold the longest of them. */
function termAt(words: readonly string[], i: number): Term | undefined {
  const last = words[i] ?? '';
  const start = words
    .slice(Math.max(0, i - 2), i + 1)
    .join('')
    .replace(/(?<=[a-z])s$/, '');
  return ENDINGS.find(([ending]) => start.endsWith(ending)) ?? LAST_WORDS.find(([word]) => word === last);
}

function toTelling(term: Term | undefined): Telling | null {
  return term === undefined ? null : { kind: term[1], demand: term[2] };
}
