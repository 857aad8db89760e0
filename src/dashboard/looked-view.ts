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
    return isDry
      ? `${answer.why} A dry run changes nothing.`
      : `${answer.why} What became of it stands in the records, once the app answers again.`;
  const body = answer.body as Looked | null;
  const parts = body?.remediations ?? [];
  const told = parts.filter(({ outcome, error }) => outcome !== 'compliant' || error !== null);
  return [
    h('p', {}, h('strong', {}, headOf(answer, parts, isDry))),
    h('ul', { class: 'looked' }, told.map(partItem)),
  ];
}

function headOf(
  answer: Exclude<Answer<Looked>, { kind: 'locked' | 'unreachable' }>,
  parts: readonly Remediation[],
  isDry: boolean,
): string {
  if (answer.kind === 'problem') return answer.why;
  if (answer.status === 202)
    return `It could not be finished now, and is queued: again in ${answer.body.retryAfter ?? 0} s.`;
  return sumOf(parts, isDry);
}

/** Of a resource with several practices the worst outcome says too little: what was written must be heard of, too. */
function sumOf(parts: readonly Remediation[], isDry: boolean): string {
  const counts = new Map<Remediation['outcome'], number>();
  for (const { outcome } of parts) counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  counts.delete('compliant');
  if (counts.size === 0) return 'There is nothing to do: it is as it should be.';
  const told = [...counts].map(([outcome, count]) => `${count} ${OUTCOME_WORDS[outcome].text}`).join(', ');
  if (isDry) return `Nothing was written. What Holdfast would do: ${told}.`;
  return counts.has('applied')
    ? `Written, and seen in Azure’s answer: ${told}.`
    : `Nothing was written: ${told}.`;
}

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
