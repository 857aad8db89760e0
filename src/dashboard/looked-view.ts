import type { Answer } from './api.js';
import type { Looked, Remediation } from './answers.js';
import { diffView } from './diff-view.js';
import { h, named, type Child } from './element.js';
import { mark } from './mark.js';
import { OUTCOME_WORDS, practiceTitle } from './practices.js';

/** What came of a dry run, a repair or an approval. */
export function lookedView(answer: Answer<Looked>, isDry: boolean): Child {
  if (answer.kind === 'locked') return 'Your key does not open this any more. Nothing was changed.';
  if (answer.kind === 'unreachable')
    return `${answer.why} What became of it stands in the records, once the app answers again.`;
  const body = answer.body as Looked | null;
  const parts = body?.remediations ?? [];
  const told = parts.filter(({ outcome, error }) => outcome !== 'compliant' || error !== null);
  return [
    h('p', {}, h('strong', {}, headOf(answer, body, isDry))),
    h('ul', { class: 'looked' }, told.map(partItem)),
  ];
}

function headOf(
  answer: Exclude<Answer<Looked>, { kind: 'locked' | 'unreachable' }>,
  body: Looked | null,
  isDry: boolean,
): string {
  if (answer.kind === 'problem') return answer.why;
  if (answer.status === 202)
    return `It could not be finished now, and is queued: again in ${body?.retryAfter ?? 0} s.`;
  const outcome = body?.outcome ?? 'unknown';
  return HEADS[isDry ? `dry ${outcome}` : outcome] ?? HEADS[outcome] ?? `Outcome: ${outcome}.`;
}

const HEADS: Readonly<Record<string, string>> = {
  compliant: 'There is nothing to do: it is as it should be.',
  'dry planned': 'This is what Holdfast would change. Nothing was written.',
  planned: 'Planned; nothing was written.',
  applied: 'Repaired, and seen in Azure’s answer.',
};

function partItem({ remediator, outcome, edits, warnings, error }: Remediation): HTMLElement {
  return h(
    'li',
    {},
    h('p', {}, mark(OUTCOME_WORDS[outcome]), ' ', practiceTitle(remediator)),
    error === null ? null : h('p', {}, named(error)),
    warnings.map((warning) => h('p', { class: 'reason' }, named(warning))),
    edits.length === 0 ? null : diffView(edits),
  );
}
