import type { RemediatorId, Resource, Standing } from './answers.js';
import { h, named } from './element.js';
import type { Listed } from './load-list.js';
import { mark } from './mark.js';
import { createPagedTable } from './paged-table.js';
import { OPEN_WORD, practiceTitle, STANDING_WORDS, type Word } from './practices.js';
import { resourceLink } from './resource-link.js';
import { resourceName } from './resource-name.js';

export interface ResourcesView {
  readonly element: HTMLElement;
  readonly show: (resources: Listed<Resource>) => void;
}

/** Worst first. */
const STANDINGS: readonly Standing[] = ['drifted', 'refused', 'exempt', 'compliant'];

/** What a resource can be found by: of those that have not drifted, some wait for a person. */
const CHOICES = ['drifted', 'refused', 'exempt', 'open', 'compliant'] as const;
const WORDS: Readonly<Record<(typeof CHOICES)[number], Word>> = { ...STANDING_WORDS, open: OPEN_WORD };

/** Every resource that is watched, the worst first. */
export function createResourcesView(open: (resource: Resource) => void): ResourcesView {
  const table = createPagedTable<Resource>({
    caption: 'Resources, the worst first',
    noun: 'resources',
    none: 'No resource is known yet: the first sweep finds them.',
    columns: [
      {
        head: 'resource',
        cell: (resource) => [
          resourceLink(resource.resourceId, () => {
            open(resource);
          }),
          h('small', {}, resourceName(resource.resourceId).kind),
        ],
      },
      { head: 'standing', cell: (resource) => mark(wordOf(resource)) },
      { head: 'not kept', cell: (resource) => unkept(resource), isWideOnly: true },
      { head: 'findings', cell: ({ findings }) => findingsText(findings) },
      { head: 'group', cell: ({ resourceId }) => named(resourceName(resourceId).group), isWideOnly: true },
    ],
    choices: [
      {
        label: 'Kind',
        options: [
          { value: 'vault', text: 'Key Vaults' },
          { value: 'workflow', text: 'Logic Apps' },
          { value: 'connection', text: 'connections' },
        ],
        matches: ({ kind }, value) => kind === value,
      },
      {
        label: 'Standing',
        options: CHOICES.map((value) => ({ value, text: WORDS[value].text })),
        matches: (resource, value) => standsAs(resource) === value,
      },
    ],
    haystack: (resource) => {
      const { resourceId, kind, remediators } = resource;
      return [
        resourceId,
        wordOf(resource).text,
        resourceName(resourceId).kind,
        kind,
        ...Object.entries(remediators).map(
          ([id, standing]) => `${id} ${standing} ${STANDING_WORDS[standing].text}`,
        ),
      ]
        .join(' ')
        .toLowerCase();
    },
  });
  return {
    element: table.element,
    show(listed) {
      table.show({ ...listed, items: listed.items.toSorted(byBadness) });
    },
  };
}

function standsAs(resource: Resource): (typeof CHOICES)[number] {
  const worst = worstOf(resource);
  const { high, medium, low } = resource.findings;
  return worst === 'compliant' && high + medium + low > 0 ? 'open' : worst;
}

function wordOf(resource: Resource): Word {
  const word = WORDS[standsAs(resource)];
  return word === OPEN_WORD && resource.findings.high > 0 ? { ...word, tone: 'bad' } : word;
}

function worstOf({ remediators }: Resource): Standing {
  const all = new Set(Object.values(remediators));
  return STANDINGS.find((standing) => all.has(standing)) ?? 'compliant';
}

function byBadness(a: Resource, b: Resource): number {
  return (
    b.findings.high - a.findings.high ||
    STANDINGS.indexOf(worstOf(a)) - STANDINGS.indexOf(worstOf(b)) ||
    b.findings.medium - a.findings.medium ||
    b.findings.low - a.findings.low ||
    (a.resourceId < b.resourceId ? -1 : 1)
  );
}

function unkept({ remediators }: Resource): string {
  const standings = Object.entries(remediators) as [RemediatorId, Standing][];
  return standings
    .flatMap(([id, standing]) =>
      standing === 'compliant' ? [] : [`${practiceTitle(id)} ${STANDING_WORDS[standing].text}`],
    )
    .join(', ');
}

function findingsText({ high, medium, low }: Resource['findings']): string {
  return (
    [
      [high, 'high'],
      [medium, 'medium'],
      [low, 'low'],
    ] as const
  )
    .flatMap(([count, name]) => (count === 0 ? [] : [`${count} ${name}`]))
    .join(', ');
}
