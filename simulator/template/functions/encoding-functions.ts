import { TemplateError } from '../template-error.js';
import { Unresolved } from '../unresolved.js';
import { valueOfText } from '../value-of-text.js';
import { asText, takes, type FunctionTable } from './template-function.js';

function base64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64');
}

function ofBase64(text: string): string {
  const decoded = Buffer.from(text, 'base64');
  if (decoded.toString('base64') !== text) throw new Unresolved('the string is not base64');
  return decoded.toString('utf8');
}

function ofDataUri(text: string): string {
  const [, encoding, content] = /^data:[^,]*?(;base64)?,(.*)$/s.exec(text) ?? [];
  if (content === undefined) throw new Unresolved('the string is not a data URI');
  return encoding === undefined ? decode(content) : ofBase64(content);
}

/** .NET's Uri.EscapeDataString, which also escapes what encodeURIComponent leaves. */
function encode(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replace(
    /[!'()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new Unresolved('the string is not URI encoded');
  }
}

function uri(base: string, relative: string): string {
  try {
    return new URL(relative, base).toString();
  } catch {
    throw new Unresolved('uri() needs an absolute address to start from');
  }
}

function json(text: string) {
  try {
    return valueOfText(text);
  } catch (error) {
    if (error instanceof TemplateError) throw new Unresolved('the string that json() reads is not JSON');
    throw error;
  }
}

export const encodingFunctions: FunctionTable = {
  base64: takes(1, 1, ([text]) => base64(asText(text))),
  base64ToJson: takes(1, 1, ([text]) => json(ofBase64(asText(text)))),
  base64ToString: takes(1, 1, ([text]) => ofBase64(asText(text))),
  dataUri: takes(1, 1, ([text]) => `data:text/plain;charset=utf8;base64,${base64(asText(text))}`),
  dataUriToString: takes(1, 1, ([text]) => ofDataUri(asText(text))),
  json: takes(1, 1, ([text]) => json(asText(text))),
  uri: takes(2, 2, ([base, relative]) => uri(asText(base), asText(relative))),
  uriComponent: takes(1, 1, ([text]) => encode(asText(text))),
  uriComponentToString: takes(1, 1, ([text]) => decode(asText(text))),
};
