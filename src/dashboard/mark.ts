import type { Severity } from './answers.js';
import { h } from './element.js';
import type { Word } from './practices.js';

/** A word with a coloured mark before it; the shape differs as well as the colour. */
export function mark({ text, tone, meaning }: Word): HTMLElement {
  return h('span', { class: `mark ${tone}`, title: meaning }, text);
}

const SEVERITIES: Readonly<Record<Severity, Word['tone']>> = { high: 'bad', medium: 'wait', low: 'quiet' };

export function severityMark(severity: Severity): HTMLElement {
  return mark({ text: severity, tone: SEVERITIES[severity], meaning: `severity: ${severity}` });
}
