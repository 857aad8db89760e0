import { visibly } from '../../log-line.js';
import type { RichTextBlock, RunStyle, TextRun } from './card-elements.js';

/**
 * Where a renderer or something on the way might take two characters for the beginning of a date function (`{{DATE(`), a
 * template's expression (`${`), a mention or a tag (`<at>`), or a character reference (`&lt;`): there one run ends and the
 * next begins, so that neither holds what means something.
 * https://learn.microsoft.com/adaptive-cards/authoring-cards/text-features and
 * https://learn.microsoft.com/adaptive-cards/templating/language
 */
const SEAMS = /(?<=\{)(?=\{)|(?<=\$)(?=\{)|(?<=<)(?=[a-z/!?])|(?<=&)(?=[a-z#])/i;

/** Other people's text, as it stands: nothing in it is interpreted. What does not show is escaped, what is long is cut. */
export function plainRuns(text: string, most: number, style: RunStyle = {}): readonly TextRun[] {
  const shown = cut(visibly(text.toWellFormed()), most);
  return shown
    .split(SEAMS)
    .filter((part) => part !== '')
    .map((part) => ({ type: 'TextRun', text: part, ...style }));
}

/** Runs on one line. */
export function line(...parts: readonly (readonly TextRun[])[]): RichTextBlock {
  return { type: 'RichTextBlock', inlines: parts.flat() };
}

/** At most so many UTF-16 units, and never half of a character. */
export function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  const isWithinPair = /[\ud800-\udbff]/.test(text.charAt(most - 2));
  return `${text.slice(0, isWithinPair ? most - 2 : most - 1)}…`;
}
