import { hasHole } from '../folded.js';
import type { Demand } from './telling-name.js';
import { namesSecret } from './telling-name.js';
import { wordsOf } from './words.js';

/** Written where a value belongs that somebody has yet to put there, or that says that there is none. */
const STAND_INS: ReadonlySet<string> = new Set(
  (
    'string text password passwd pwd secret token key apikey value none null nil undefined true false yes no na ' +
    'n/a test sample example dummy fake foo bar empty default hidden optional required unknown blank redacted ' +
    'removed username user todo tbd tba fixme changeme placeholder enabled disabled basic bearer raw'
  ).split(' '),
);

/** Among the words of a text that has no digits in them, they say the same. */
const ASKS_FOR_VALUE: ReadonlySet<string> = new Set(
  (
    'your yours todo tbd changeme replace placeholder enter insert example sample dummy redacted removed ' +
    'provide specify fill here'
  ).split(' '),
);

/** `<key>`, `[parameters('key')]`, `{key}`, `{{key}}`, `${key}`, `$(key)`, `%key%`, `#{key}#`, `__key__` */
const IN_MARKS = /^(?:<.*>|\[.*\]|[$#]?\{.*\}#?|\$\(.*\)|%.*%|__.+__|\(.*\))$/s;

export function isPlaceholder(text: string): boolean {
  const plain = text.trim();
  if (plain === '' || STAND_INS.has(plain.toLowerCase()) || IN_MARKS.test(plain)) return true;
  if (isFiller(plain) || /x{4}|\*{3}|\.{3}|…|change[-_ ]?me/i.test(plain)) return true;
  return /^[A-Za-z][A-Za-z'\-_. ]*\d{0,2}$/.test(plain) && wordsOf(plain).some((w) => ASKS_FOR_VALUE.has(w));
}

/** What stands for a key in an example: one or two characters over and over, or a word that says so. */
export function isFiller(text: string): boolean {
  const characters = new Set(
    text
      .slice(0, 400)
      .toLowerCase()
      .replace(/[^a-z\d]/g, ''),
  );
  return characters.size <= 2 || /example|placeholder|redacted|x{8}/i.test(text);
}

/** Whether a text could be a credential, given how much its name says; unknown parts of it are holes. */
export function looksLikeCredential(text: string, demand: Demand): boolean {
  const value = withoutScheme(text.trim());
  if (hasHole(value)) return value.split(/[\uE000\uE001]/).some((piece) => isRandom(piece));
  if (isPlaceholder(value) || isReference(value) || /\s/.test(value) || isSecretName(value)) return false;
  if (demand === 'any-word') return value.length >= 3;
  return demand === 'mixed' ? isMixed(value) : isRandom(value);
}

/** The credential in `Bearer …`, `SharedKey account:…`, `Token token="…"`. */
export function withoutScheme(text: string): string {
  const [, credential] = /^[A-Za-z][\w-]{0,30}(?: ?= ?|: ?| )"?(\S*?)"?$/.exec(text) ?? [];
  if (credential === undefined || (!/\s/.test(text) && !/^(?:token|key|apikey)[=:]/i.test(text))) return text;
  return credential.replace(/^(?:token|key|apikey)=/i, '');
}

/** An address, a path, a resource id, a Key Vault reference or a code's variable: it says where the value is. */
export function isReference(text: string): boolean {
  return (
    /^(?:[a-z][a-z\d+.-]*:\/\/|urn:)/i.test(text) ||
    isPath(text) ||
    /^\/?(?:subscriptions|providers|secrets|keys)\//i.test(text) ||
    /^@Microsoft\.KeyVault\(/i.test(text) ||
    /^\$[A-Za-z_:.]/.test(text) ||
    /^(?:application|text|image|multipart)\/[\w.+-]+$/i.test(text)
  );
}

function isPath(text: string): boolean {
  return text.startsWith('/') && text.length <= 200 && /^(?:\/[A-Za-z][A-Za-z._-]{0,30}\d{0,2})+$/.test(text);
}

/**
 * Words joined by marks or by case that say what a secret is called: `CrowdStrike-ClientSecret`. A text with
 * digits and nothing between its words (`Password123`) is what people take as a password.
 */
export function isSecretName(text: string): boolean {
  return isWords(text) && namesSecret(wordsOf(text));
}

function isWords(text: string): boolean {
  if (!/^[A-Za-z][\w.-]*$/.test(text)) return false;
  const pieces = text.split(/[-_.]+/).filter((piece) => piece !== '');
  if (pieces.length > 1)
    return pieces.every((piece) => /^(?:[A-Za-z]+\d{0,3}|\d{1,4})$/.test(piece)) && areWords(text);
  return /^[A-Za-z]+$/.test(text) && areWords(text);
}

/** Letters drawn at random change case all the time, and are rarely this long without a change. */
function areWords(text: string): boolean {
  const words = wordsOf(text);
  const atLeast = text.length < 16 ? 3 : 4;
  return words.join('').length >= atLeast * words.length && words.every((word) => word.length <= 20);
}

function isMixed(text: string): boolean {
  if (text.length < 8 || isWords(text) || isDateOrVersion(text) || isMailAddress(text)) return false;
  if (/^\d+$/.test(text)) return text.length >= 16;
  return /^[A-Za-z]+$/.test(text) ? text.length >= 16 : true;
}

function isRandom(text: string): boolean {
  if (text.length < 20 || !/\d/.test(text) || !/[A-Za-z]/.test(text)) return false;
  return isMixed(text) && !isGuid(text) && !isReference(text) && !isFiller(text) && entropyOf(text) >= 3;
}

function isGuid(text: string): boolean {
  return /^\{?[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}\}?$/i.test(text);
}

function isDateOrVersion(text: string): boolean {
  return /^(?:\d{4}-\d\d-\d\d(?:T[\d:.]+(?:Z|[+-][\d:]+)?)?(?:-preview)?|v?\d+(?:\.\d+)+|P(?:\d+[A-Z])*T?(?:\d+[A-Z])*)$/i.test(
    text,
  );
}

function isMailAddress(text: string): boolean {
  return /^[\w.+-]+@[\w-]+(?:\.[\w-]+)+$/.test(text);
}

/** Shannon's, in bits a character. */
function entropyOf(text: string): number {
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length);
  return bits;
}
