import { actorDid, isByHand } from '../../types/by-hand.js';
import type { AuditRecord, RecordOutcome } from '../../types/record.js';
import type { Edit } from '../../types/edit.js';
import { changeText } from './change-text.js';
import type { CardElement, Container, RunStyle, TextRun } from './card-elements.js';
import { line, plainRuns } from './plain-text.js';

/** What a card links to. */
export interface Links {
  /** A resource in the portal; null where nobody knows the cloud's portal. */
  readonly portal: (resourceId: string) => string | null;
  /** Where the app answers, e.g. `https://app.azurewebsites.net`; empty where it does not know. */
  readonly app: string;
}

/** How much is said of a resource at most: more for one than for many. */
export interface Detail {
  readonly records: number;
  readonly edits: number;
  readonly warnings: number;
  /** Characters of one text. */
  readonly text: number;
}

/** Outcomes that people are told of, the worst first; what became of it, and what they can do. */
export const TOLD = {
  failed: { title: 'Could not put right', color: 'Attention', step: 'try' },
  refused: { title: 'Did not put right', color: 'Warning', step: 'try' },
  contested: { title: 'Left alone, because it keeps being reverted', color: 'Warning', step: 'try' },
  planned: { title: 'Would put right', color: 'Accent', step: 'make' },
  applied: { title: 'Put right', color: 'Good', step: 'undo' },
} as const satisfies Partial<
  Record<RecordOutcome, { title: string; color: RunStyle['color']; step: 'try' | 'make' | 'undo' }>
>;
/** What a person had made in place of a repair, such as taking one back: nothing was put right by it. */
export const BY_HAND = 'Changed by hand';

export function isChangedByHand(record: AuditRecord): boolean {
  return record.outcome === 'applied' && isByHand(record);
}
export type ToldOutcome = keyof typeof TOLD;
export type ToldRecord = AuditRecord & { readonly outcome: ToldOutcome };

export const TOLD_OUTCOMES = Object.keys(TOLD) as readonly ToldOutcome[];

/** All that is told of one resource: what happened, who caused it, before and after, and what to do. */
export function resourcePart(records: readonly ToldRecord[], links: Links, detail: Detail): Container {
  const [first] = records;
  const resourceId = first?.resourceId ?? '';
  const shown = records.slice(0, detail.records);
  const url = links.portal(resourceId);
  return {
    type: 'Container',
    separator: true,
    items: [
      line(
        plainRuns(nameIn(resourceId), 120, { weight: 'Bolder' }),
        plainRuns(placeIn(resourceId), 200, SUBTLE),
      ),
      ...actorsOf(records).map(({ did, who }) => line(ours(DID[did]), plainRuns(who, 200))),
      ...shown.flatMap((record) => recordPart(record, links, detail)),
      ...more(records.length - shown.length, 'records'),
      ...(url === null
        ? []
        : [{ type: 'TextBlock', text: `[Open in the portal](${url})`, wrap: true } as const]),
    ],
  };
}

const SUBTLE: RunStyle = { isSubtle: true };

/** Our own words: short, and nothing in them means anything to anybody. */
const ours = (text: string, style: RunStyle = {}): readonly TextRun[] => plainRuns(text, 400, style);

function recordPart(record: ToldRecord, links: Links, detail: Detail): readonly CardElement[] {
  const { outcome, remediator, edits, warnings, error } = record;
  const { color } = TOLD[outcome];
  const what = isChangedByHand(record)
    ? [ours(BY_HAND, { color: 'Warning', weight: 'Bolder' }), ours(` (${remediator})`)]
    : [ours(TOLD[outcome].title, { color, weight: 'Bolder' }), ours(` by ${remediator}`)];
  return [
    line(...what),
    ...edits.slice(0, detail.edits).map((edit) => editLine(edit, detail)),
    ...more(edits.length - detail.edits, 'changes'),
    ...(error === null ? [] : [line(plainRuns(error, detail.text, { color: 'Attention' }))]),
    ...warnings
      .slice(0, detail.warnings)
      .map((warning) => line(plainRuns(warning, detail.text, { color: 'Warning' }))),
    ...more(warnings.length - detail.warnings, 'warnings'),
    line(ours(nextStep(record, links.app), SUBTLE)),
  ];
}

function editLine(edit: Edit, { text }: Detail): CardElement {
  return line(plainRuns(changeText(edit), text), plainRuns(` (${edit.reason})`, text, SUBTLE));
}

function more(count: number, what: string): readonly CardElement[] {
  return count > 0 ? [line(ours(`… and ${count} more ${what}.`, SUBTLE))] : [];
}

function nextStep({ outcome, id }: ToldRecord, app: string): string {
  switch (TOLD[outcome].step) {
    case 'undo':
      return `How to take it back: GET ${app}/api/audit/${id}/undo`;
    case 'make':
      return `Record ${id}. To have it made: POST ${app}/api/remediate, or ${app}/api/approve where it waits for approval.`;
    case 'try':
      return `Record ${id}. To have it tried now: POST ${app}/api/remediate`;
  }
}

const DID: Readonly<Record<ReturnType<typeof actorDid>, string>> = {
  wrote: 'Written before by ',
  approved: 'Approved by ',
  ran: 'Done on the command line by ',
};

/** Who had a part in it, and which, each once. */
function actorsOf(
  records: readonly AuditRecord[],
): readonly { readonly did: keyof typeof DID; readonly who: string }[] {
  const actors = records.flatMap((record) => {
    const { actor } = record;
    const who = actor?.name ?? actor?.id ?? null;
    const ip = actor?.ip ?? null;
    if (who === null && ip === null) return [];
    return [{ did: actorDid(record), who: `${who ?? 'somebody'}${ip === null ? '' : ` from ${ip}`}` }];
  });
  return [...new Map(actors.map((one) => [`${one.did} ${one.who}`, one])).values()].slice(0, 3);
}

function nameIn(resourceId: string): string {
  return resourceId.slice(resourceId.lastIndexOf('/') + 1);
}

function placeIn(resourceId: string): string {
  const [, , subscription = '', , group = '', , provider = '', type = ''] = resourceId.split('/');
  return ` ${provider}/${type} in ${group}, subscription ${subscription}`;
}
