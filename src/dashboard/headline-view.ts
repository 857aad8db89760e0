import { actorDid } from '../types/by-hand.js';
import type { AuditRecord } from './answers.js';
import { h, named } from './element.js';
import type { Headline } from './headline.js';
import { practiceTitle } from './practices.js';
import { linkButton } from './press.js';
import { resourceName } from './resource-name.js';
import { agoText } from './time.js';

type Open = (record: AuditRecord) => void;
type OpenResource = (resourceId: string) => void;

/** The headline's three sentences, each with the way to what it is about. */
export function headlineView(
  { happened, latest, open: openText, todo, tone }: Headline,
  open: Open,
  openResource: OpenResource,
): readonly HTMLElement[] {
  const now = Date.now();
  return [
    h('section', {}, h('h2', {}, 'What happened'), h('p', {}, happened), latestText(latest, now, open)),
    h(
      'section',
      { class: tone },
      h('h2', {}, 'What stands open'),
      h('p', {}, openText),
      tone === 'good'
        ? null
        : h(
            'small',
            {},
            h('a', { href: '#findings' }, 'All findings'),
            ' · ',
            h('a', { href: '#resources' }, 'the resources, the worst first'),
          ),
    ),
    h(
      'section',
      {},
      h('h2', {}, 'What to do'),
      h(
        'ol',
        {},
        todo.map(({ text, resourceId }) =>
          h(
            'li',
            {},
            named(text),
            resourceId === null
              ? null
              : [
                  ' ',
                  showLink(text, () => {
                    openResource(resourceId);
                  }),
                ],
          ),
        ),
      ),
    ),
  ];
}

function latestText(latest: AuditRecord | null, now: number, open: Open): HTMLElement | null {
  if (latest === null) return null;
  const { resourceId, remediator, time, actor } = latest;
  const name = actor?.name ?? actor?.id ?? 'somebody';
  const did = {
    approved: `, which ${name} approved`,
    ran: `, which ${name} had done on the command line`,
    wrote: ` after ${name} had written to it`,
  };
  const who = actor === null ? '' : did[actorDid(latest)];
  return h(
    'small',
    {},
    'Last: ',
    named(`${practiceTitle(remediator)} of ${resourceName(resourceId).name}`),
    named(who),
    `, ${agoText(Date.parse(time), now)}. `,
    showLink('the last repair', () => {
      open(latest);
    }),
  );
}

/** `about` is for who hears the links without what stands around them. */
function showLink(about: string, onPress: () => void): HTMLElement {
  return linkButton(['Show', h('span', { class: 'unseen' }, `: ${about}`)], onPress);
}
