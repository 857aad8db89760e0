import type { Ability } from './abilities.js';
import type { AuditRecord, Looked, Mode, Policy, RemediatorId } from './answers.js';
import { confirm, createTold, type Doing, type Told } from './doing.js';
import { h, type Child } from './element.js';
import { exemptButton } from './exempt-view.js';
import { lookedView } from './looked-view.js';
import { practiceTitle } from './practices.js';
import { pressButton } from './press.js';
import { undoButton } from './undo-view.js';

/** What can be done about one record. */
export function recordDeeds(doing: Doing, record: AuditRecord): HTMLElement {
  const told = createTold();
  const { resourceId, remediator } = record;
  const mode = doing.policy?.modes[remediator] ?? null;
  return deedsSection(told, [
    lookButtons(doing, told, resourceId, [remediator]),
    record.outcome === 'planned' && mode === 'approve' ? approveButton(doing, told, record.id) : null,
    record.outcome === 'applied' ? undoButton(doing, told, record.id) : null,
    exemptButton(doing, told, resourceId, remediator),
  ]);
}

/** What can be done about a resource, with all practices at once. */
export function resourceDeeds(
  doing: Doing,
  resourceId: string,
  remediators: readonly RemediatorId[],
): HTMLElement {
  const told = createTold();
  return deedsSection(told, [
    lookButtons(doing, told, resourceId, remediators, true),
    exemptButton(doing, told, resourceId, null),
  ]);
}

function deedsSection(told: Told, buttons: Child): HTMLElement {
  return h(
    'section',
    { 'aria-label': 'What can be done' },
    h('h3', {}, 'What can be done'),
    h('div', { class: 'deeds' }, buttons),
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
        `This writes to Azure what a dry run shows, and records it.${heldText(doing.policy, remediators)}`,
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
  const isOne = remediators.length === 1 && only !== undefined;
  const whom = (mode: Mode): string =>
    isOne ? `${only} is set to ${mode}` : 'None of its practices is set to enforce';
  if (modes.has('approve'))
    return {
      may: false,
      why: `${whom('approve')}: a plan is written when somebody with the role approves it.`,
    };
  if (modes.has('audit'))
    return {
      may: false,
      why: `${whom('audit')}: Holdfast plans and records, and writes nothing. HOLDFAST_MODE and HOLDFAST_REMEDIATORS change that.`,
    };
  return { may: false, why: `${isOne ? `${only} is` : 'All of them are'} off (HOLDFAST_REMEDIATORS).` };
}

/** What a repair of all practices leaves as it is, because it is not set to enforce. */
function heldText(policy: Policy | null, remediators: readonly RemediatorId[]): string {
  const held = remediators.filter((id) => policy?.modes[id] === 'audit' || policy?.modes[id] === 'approve');
  return held.length === 0
    ? ''
    : ` Not written, because it is not set to enforce: ${held.map((id) => practiceTitle(id)).join(', ')}.`;
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
