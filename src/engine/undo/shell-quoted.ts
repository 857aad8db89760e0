/** A text that must not stand in a command: pasted into a terminal, it may press a key. */
export class UnquotableError extends Error {
  override readonly name = 'UnquotableError';
}

/** Control and format characters, what is assigned to nobody, and lines' and paragraphs' ends. */
const UNSAFE = /[\p{C}\p{Zl}\p{Zp}]/u;

/**
 * A text as one word of a command for a POSIX shell, whatever it holds (POSIX.1-2024, 2.2.2: between single quotes
 * every character stands for itself). Throws {@link UnquotableError} where the terminal that it is pasted into might
 * take a character for a key.
 */
export function shellQuoted(text: string): string {
  if (UNSAFE.test(text)) throw new UnquotableError('The text holds a character that cannot be shown.');
  if (/^[a-z0-9/][\w./:-]*$/i.test(text)) return text;
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** A JSON value in plain ASCII, so that it can be quoted and is the same in every terminal. */
export function asciiJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\u007f-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
