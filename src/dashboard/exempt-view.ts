import type { Exempting, RemediatorId } from './answers.js';
import { createTold, sorry, type Doing, type Told } from './doing.js';
import { h, type Child } from './element.js';
import { practiceTitle } from './practices.js';
import { copyable, freshId, pressButton } from './press.js';

/** Asks for how long, and shows the command that holds Holdfast off; from everything where no remediator is named. */
export function exemptButton(
  doing: Doing,
  told: Told,
  resourceId: string,
  remediator: RemediatorId | null,
): HTMLElement {
  return pressButton('How to exempt', doing.abilities.exempt, () => {
    told.tell(exemptForm(doing, resourceId, remediator));
    told.element.querySelector('input')?.focus();
  });
}

function exemptForm(doing: Doing, resourceId: string, remediator: RemediatorId | null): HTMLElement {
  const id = freshId('days');
  const days = h('input', { id, type: 'number', min: '1', max: '90', value: '30', required: true });
  const told = createTold();
  const ask = async (): Promise<void> => {
    const answer = await doing.api.get<Exempting>('exemption', { resourceId, remediator, days: days.value });
    told.tell(answer.kind === 'ok' ? exemptView(answer.body) : sorry(answer));
  };
  const what = remediator === null ? 'everything' : practiceTitle(remediator);
  return h(
    'form',
    {
      class: 'exempt',
      onsubmit: (event: Event) => {
        event.preventDefault();
        void ask();
      },
    },
    h(
      'p',
      {},
      `Holdfast exempts nothing by itself. This makes the command that holds it off, from ${what}, on this resource.`,
    ),
    h(
      'div',
      { class: 'tools' },
      h('label', { for: id }, 'Days, 90 at most'),
      days,
      h('button', {}, 'Show the command'),
    ),
    told.element,
  );
}

function exemptView({ until, command, setting }: Exempting): Child {
  return [
    h('p', {}, `Until ${until} (UTC), by a tag. It takes the place of a tag holdfast-exempt that is there.`),
    copyable(command.az),
    h('p', {}, 'Lastingly: add this to the setting HOLDFAST_EXEMPT.'),
    copyable(setting),
  ];
}
