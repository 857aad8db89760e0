/**
 * A value as one JSON line for a log. Names from Azure are data: control characters, and what Unicode or a log
 * viewer takes for the end of a line or for a change of direction, are escaped, so that nothing can forge a line.
 */
export function logLine(value: unknown): string {
  return visibly(JSON.stringify(value));
}

/**
 * What does not show, or turns what stands around it: controls, ends of lines, and what Unicode says to be drawn as nothing
 * or to set a direction (https://www.unicode.org/reports/tr44/#Default_Ignorable_Code_Point, #Bidi_Control).
 */
const UNSEEN = /[\p{Cc}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\p{Bidi_Control}\ufff9-\ufffb]/gu;

/** A text with every character escaped that does not show as itself. */
export function visibly(text: string): string {
  return text.replace(UNSEEN, (character) =>
    Array.from(
      { length: character.length },
      (_, i) => `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`,
    ).join(''),
  );
}
