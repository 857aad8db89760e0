import type { Abilities, Ability } from './abilities.js';
import type { Answer, Api } from './api.js';
import type { AuditRecord, Exempting, Looked, Mode, Policy, RemediatorId, Undo } from './answers.js';
import { fill, h, named, type Child } from './element.js';
import { lookedView } from './looked-view.js';
import { practiceTitle } from './practices.js';
import { copyable, freshId, pressButton } from './press.js';

/** What the buttons of a drawer need to know. */
export interface Doing {
  readonly api: Api;
  readonly abilities: Abilities;
  readonly policy: Policy | null;
  /** Called after something may have been changed. */
  readonly onDone: () => void;
}

/** A place below the buttons where it is said what came of them. */
interface Told {
  readonly element: HTMLElement;
  readonly tell: (...content: readonly Child[]) => void;
}

function createTold(): Told {
  const element = h('div', { role: 'status', class: 'told' });
  return {
    element,
    tell: (...content) => {
      fill(element, ...content);
    },
  };
}

/** What can be done about one record. */
export function recordDeeds(doing: Doing, record: AuditRecord): HTMLElement {
  const told = createTold();
  const { resourceId, remediator } = record;
  const mode = doing.policy?.modes[remediator] ?? null;
  return h(
    'section',
    { 'aria-label': 'What can be done' },
    h('h3', {}, 'What can be done'),
    h(
      'div',
      { class: 'deeds' },
      lookButtons(doing, told, resourceId, [remediator]),
      record.outcome === 'planned' && mode === 'approve' ? approveButton(doing, told, record.id) : null,
      record.outcome === 'applied' ? undoButton(doing, told, record.id) : null,
      exemptButton(doing, told, resourceId, remediator),
    ),
    told.element,
  );
}

/** What can be done about a resource, with all practices at once. */
export function resourceDeeds(
  doing: Doing,
  resourceId: string,
  remediators: readonly RemediatorId[],
): HTMLElement {
  const told = createTold();
  return h(
    'section',
    { 'aria-label': 'What can be done' },
    h('h3', {}, 'What can be done'),
    h(
      'div',
      { class: 'deeds' },
      lookButtons(doing, told, resourceId, remediators, true),
      exemptButton(doing, told, resourceId, null),
    ),
    told.element,
  );
}

function lookButtons(
  doing: Doing,
  told: Told,
  resourceId: string,
  remediators: readonly RemediatorId[],
  isAll = false,
): readonly HTMLElement[] {
  const named = isAll ? {} : { remediators };
  const look = async (dryRun: boolean): Promise<void> => {
    told.tell(h('p', {}, dryRun ? 'Looking …' : 'Repairing …'));
    const answer = await doing.api.post<Looked>('remediate', { resourceId, dryRun, ...named });
    told.tell(lookedView(answer, dryRun));
    if (!dryRun) doing.onDone();
  };
  const may = doing.abilities.remediate;
  return [
    pressButton('Dry run', may, () => void look(true)),
    pressButton('Fix now', may.may ? fixAbility(doing.policy, remediators) : may, () => {
      confirm(
        told,
        'This writes to Azure what a dry run shows, and records it.',
        'Fix now',
        () => void look(false),
      );
    }),
  ];
}

/** Whether asking for a repair would write anything. */
function fixAbility(policy: Policy | null, remediators: readonly RemediatorId[]): Ability {
  if (policy === null)
    return {
      may: false,
      why: 'How Holdfast is set is not known here, and so neither is whether this would write anything.',
    };
  const modes = new Set<Mode>(remediators.map((id) => policy.modes[id]));
  if (modes.has('enforce')) return { may: true };
  const [only] = remediators;
  const whom = remediators.length === 1 && only !== undefined ? only : 'All of them';
  const verb = remediators.length === 1 ? 'is' : 'are';
  if (modes.has('approve'))
    return {
      may: false,
      why: `${whom} ${verb} set to approve: a plan is written when somebody with the role approves it.`,
    };
  if (modes.has('audit'))
    return {
      may: false,
      why: `${whom} ${verb} set to audit: Holdfast plans and records, and writes nothing. HOLDFAST_MODE and HOLDFAST_REMEDIATORS change that.`,
    };
  return { may: false, why: `${whom} ${verb} off (HOLDFAST_REMEDIATORS).` };
}

function approveButton(doing: Doing, told: Told, id: string): HTMLElement {
  const approve = async (): Promise<void> => {
    told.tell(h('p', {}, 'Writing what was shown …'));
    told.tell(lookedView(await doing.api.post<Looked>('approve', { id }), false));
    doing.onDone();
  };
  const may = doing.abilities.approve;
  const signIn = doing.policy?.signIn ?? null;
  const button = pressButton('Approve', may, () => {
    const what = 'This writes to Azure what the record shows, in your name.';
    confirm(told, what, 'Approve', () => void approve());
  });
  if (may.may || signIn === null) return button;
  return h('span', { class: 'cannot' }, button, h('a', { href: signIn }, 'Sign in with Microsoft Entra ID'));
}

function undoButton(doing: Doing, told: Told, id: string): HTMLElement {
  const show = async (): Promise<void> => {
    told.tell(h('p', {}, 'Asking …'));
    const answer = await doing.api.get<Undo>(`audit/${encodeURIComponent(id)}/undo`);
    told.tell(answer.kind === 'ok' ? undoView(answer.body) : sorry(answer));
  };
  return pressButton('How to undo', doing.abilities.undo, () => void show());
}

function undoView({ commands, cannotUndo, holdOff, warnings }: Undo): Child {
  return [
    h(
      'p',
      {},
      'Holdfast itself loosens nothing. Run these with your own rights, in a POSIX shell with Azure CLI:',
    ),
    h(
      'ol',
      { class: 'commands' },
      h(
        'li',
        {},
        h('p', {}, holdOff.command.title),
        copyable(holdOff.command.az),
        h('p', { class: 'reason' }, named(holdOff.note)),
      ),
      commands.map(({ title, az }) => h('li', {}, h('p', {}, named(title)), copyable(az))),
    ),
    warnings.map((warning) => h('p', { class: 'reason' }, named(warning))),
    cannotUndo.map(({ path, why }) =>
      h('p', { class: 'reason' }, named(path), ' cannot be undone: ', named(why)),
    ),
  ];
}

function exemptButton(
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

/** Asks once more before anything is written. */
function confirm(told: Told, what: string, label: string, go: () => void): void {
  const yes = h('button', { type: 'button', class: 'primary', onclick: go }, `Yes, ${label.toLowerCase()}`);
  const no = h(
    'button',
    {
      type: 'button',
      onclick: () => {
        told.tell(h('p', {}, 'Nothing was changed.'));
      },
    },
    'Cancel',
  );
  told.tell(h('p', {}, what), h('p', { class: 'tools' }, yes, no));
  yes.focus();
}

export function sorry(answer: Exclude<Answer<unknown>, { kind: 'ok' }>): HTMLElement {
  return h('p', {}, answer.kind === 'locked' ? 'Your key does not open this.' : named(answer.why));
}
