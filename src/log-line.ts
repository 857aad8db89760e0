/**
 * A value as one JSON line for a log. Names from Azure are data: control characters, and what Unicode or a log
 * viewer takes for the end of a line or for a change of direction, are escaped, so that nothing can forge a line.
 */
export function logLine(value: unknown): string {
  return visibly(JSON.stringify(value));
}

/** A text with every character escaped that does not show as itself. */
export function visibly(text: string): string {
  return text.replace(
    /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
