import type { Undo } from './answers.js';
import { sorry, type Doing, type Told } from './doing.js';
import { h, named, type Child } from './element.js';
import { copyable, pressButton } from './press.js';

/** Shows the commands that take a record's change back. */
export function undoButton(doing: Doing, told: Told, id: string): HTMLElement {
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
