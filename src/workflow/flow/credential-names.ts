import { NAMES, toldOnce } from '../told-once.js';

/** The ends of the names that tokens go by in an answer, without case and separators. */
const TOKEN =
  /(?:token|jwt|bearer|sessionid|apikey|accesskey|sharedkey|privatekey|clientsecret|cookie|assertion)$/;

/** What a request signs in with goes by these names as well; in an answer they are data, such as a list of accounts. */
const SIGN_IN =
  /(?:secret|password|passwd|pwd|authorization|credentials?|accountkey|secretkey|subscriptionkey|functionskey)$/;

/** Tokens that say where a list goes on, or stop something. */
const NO_TOKEN = /next|page|paging|continu|skip|sync|delta|cursor|cancel/;

/** What stands beside a token in an answer (RFC 6749, section 5.1; Microsoft's and Keycloak's additions). */
const BESIDE_A_TOKEN: ReadonlySet<string> = new Set([
  'tokentype',
  'expiresin',
  'extexpiresin',
  'expireson',
  'expiresat',
  'refreshexpiresin',
  'refreshtokenexpiresin',
  'notbefore',
  'notbeforepolicy',
  'scope',
  'statuscode',
]);

/**
 * What stands beside a secret's value, in the connector's answer and in the vault's own
 * (https://learn.microsoft.com/connectors/keyvault, https://learn.microsoft.com/rest/api/keyvault/secrets/get-secret).
 */
const BESIDE_A_SECRET: ReadonlySet<string> = new Set([
  'name',
  'version',
  'contenttype',
  'isenabled',
  'createdtime',
  'lastupdatedtime',
  'validitystarttime',
  'validityendtime',
  'id',
  'attributes',
  'tags',
  'kid',
  'managed',
  'headers',
  'statuscode',
]);

/** Whether a member of an answer is a token, as far as its name says. */
export const isTokenName = toldOnce((name): boolean => {
  const plain = plainName(name);
  return TOKEN.test(plain) && !NO_TOKEN.test(plain);
}, NAMES);

/** Whether what a request says under this name is a credential. */
export const isCredentialName = toldOnce(
  (name): boolean => isTokenName(name) || SIGN_IN.test(plainName(name)),
  NAMES,
);

/** Whether a member of this name stands beside a token, and is none. */
export function standsBesideToken(name: string): boolean {
  return BESIDE_A_TOKEN.has(plainName(name));
}

/** Whether a member of this name stands beside a secret's value, and does not give it away. */
export function standsBesideSecret(name: string): boolean {
  return BESIDE_A_SECRET.has(plainName(name));
}

/** Whether what follows a text is a credential: `Bearer `, `…&api_key=`, `"token": "`, `<password>`. */
export function announcesCredential(text: string): boolean {
  const end = text.slice(-80);
  if (/\b(?:bearer|basic)\s+$/i.test(end)) return true;
  const [, name] =
    /([\w-]+)["']?\s*[=:]\s*["']?$/.exec(end) ?? /<(?:[\w-]+:)?([\w-]+)[^<>/]*>$/.exec(end) ?? [];
  return name !== undefined && isCredentialName(name);
}

function plainName(name: string): string {
  const lower = name.toLowerCase();
  return /[-_.\s]/.test(lower) ? lower.replaceAll(/[-_.\s]/g, '') : lower;
}
