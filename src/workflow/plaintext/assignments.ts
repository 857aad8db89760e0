import { looksLikeCredential } from './credential-value.js';
import { tellingName, tellingParameter } from './telling-name.js';

/** A name, what may close it, and what gives it a value or compares it: `"name": `, `name=`, `['name'] == `, `<name>` */
const NAME_AND_MARK = /(?<![\w$.-])[\w$.-]{2,80}\\{0,2}["'`\]]{0,2}\s{0,4}(?:=>|:=|={1,3}|[:>])\s{0,4}/g;

const UNQUOTED = /[^\s&;,"'`<>(){}[\]\\\uE000\uE001]{1,1024}/y;
const QUOTED = /\\{0,2}(["'`])/y;
const MAX_VALUE = 1024;

interface Value {
  readonly text: string;
  readonly isDelimited: boolean;
}

/**
 * The kind of credential that is given to a telling name somewhere within a text: in code, in JSON or XML that is
 * written as a text, in a form (`client_secret=…&`), in the query of a URI; null where there is none.
 */
export function assignedIn(text: string): string | null {
  if (!mayAssign(text)) return null;
  for (const match of text.matchAll(NAME_AND_MARK)) {
    const [name = ''] = /^[\w$.-]+/.exec(match[0]) ?? [];
    const before = text[match.index - 1];
    const isParameter = before === '?' || before === '&';
    const telling = isParameter ? tellingParameter(name) : tellingName(name.slice(name.lastIndexOf('.') + 1));
    if (telling === null) continue;
    const isElement = match[0].trimEnd().endsWith('>') && !match[0].includes('=>');
    if (isElement && before !== '<' && before !== ':') continue;
    const end = match.index + match[0].length;
    const value = isElement ? elementAt(text, end) : valueAt(text, end, isParameter);
    if (value === null) continue;
    // Without marks around it, a word may be anything: a variable, a function, the next word of a sentence.
    const demand = value.isDelimited || telling.demand === 'random' ? telling.demand : 'mixed';
    if ((value.isDelimited || /\d/.test(value.text)) && looksLikeCredential(value.text, demand))
      return telling.kind;
  }
  return null;
}

/** Whether a text has any of the marks that give something a value. */
export function mayAssign(text: string): boolean {
  return /[=:>]/.test(text);
}

function valueAt(text: string, at: number, isParameter: boolean): Value | null {
  QUOTED.lastIndex = at;
  const [opening, quote] = QUOTED.exec(text) ?? [];
  if (opening !== undefined && quote !== undefined) {
    const rest = text.slice(at + opening.length, at + opening.length + MAX_VALUE);
    const end = rest.indexOf(quote);
    return end < 0 ? null : { text: rest.slice(0, end).replace(/(?<!\\)\\+$/, ''), isDelimited: true };
  }
  UNQUOTED.lastIndex = at;
  const [word] = UNQUOTED.exec(text) ?? [];
  if (word === undefined || isCode(word)) return null;
  return { text: word, isDelimited: isParameter || text[at + word.length] === '&' };
}

function elementAt(text: string, at: number): Value | null {
  const rest = text.slice(at, at + MAX_VALUE);
  const end = rest.indexOf('</');
  return end < 0 ? null : { text: rest.slice(0, end), isDelimited: true };
}

/** `process.env.TOKEN1`, `config.key_2`: a member of something. A token with dots in it has digits everywhere. */
function isCode(word: string): boolean {
  return /^[A-Za-z_$][A-Za-z_$]*\d?(?:\.[A-Za-z_$][\w$]{0,30})+$/.test(word);
}
