import { visibly } from '../log-line.js';
import type { FlowLeak, FlowNode, SecretFlow } from './answers.js';
import { h, named, s } from './element.js';
import { layoutOf, NODE, type Placed } from './flow-layout.js';
import { shortened } from './shortened.js';

const KINDS: Readonly<Record<FlowNode['kind'], string>> = {
  vault: 'Key Vault',
  caller: 'outside',
  trigger: 'trigger',
  action: 'action',
  variable: 'variable',
  parameter: 'secure parameter',
  'workflow-output': 'output of the workflow',
};

const WHERE: Readonly<Record<FlowLeak['where'], string>> = {
  inputs: 'its inputs in the run history',
  outputs: 'its outputs in the run history',
  'tracked-properties': 'tracked properties, which go to the logs',
  response: 'what it answers to whoever calls the workflow',
  'workflow-output': 'the workflow’s outputs, which every run shows',
};

/** The ways of a workflow's secrets: a drawing, and all that it says in words. */
export function flowView(flow: SecretFlow): HTMLElement {
  if (flow.nodes.length === 0)
    return h('p', {}, 'No secret of a vault, of a secure parameter or of a caller comes into this workflow.');
  const leaking = flow.nodes.filter(({ leaks }) => leaks.length > 0);
  const summary =
    leaking.length === 0
      ? 'As it is now, no run shows a secret.'
      : `As it is now, ${leaking.length === 1 ? 'one step shows' : `${leaking.length} steps show`} a secret.`;
  return h(
    'div',
    { class: 'flow' },
    h('p', {}, h('strong', {}, summary)),
    leaking.length === 0 ? null : h('ul', { class: 'leaks' }, leaking.flatMap(leakItems)),
    flow.obstacle !== null && leaking.some(({ leaks }) => leaks.some(({ canBeHidden }) => canBeHidden))
      ? h('p', { class: 'reason' }, 'Holdfast does not turn that setting on. ', named(flow.obstacle))
      : null,
    h(
      'div',
      {
        class: 'drawing',
        tabindex: '0',
        role: 'group',
        'aria-label': 'Drawing of the secret flow; the same stands below in words',
      },
      drawing(flow),
    ),
    h('details', {}, h('summary', {}, 'The flow in words'), inWords(flow)),
  );
}

function leakItems({ name, leaks }: FlowNode): readonly HTMLElement[] {
  return leaks.map(({ where, canBeHidden }) =>
    h(
      'li',
      {},
      h('strong', {}, named(name)),
      ` shows a secret in ${WHERE[where]}. `,
      canBeHidden ? 'A setting of it would hide this.' : 'No setting hides it: the finding says what to do.',
    ),
  );
}

function drawing({ nodes, edges }: SecretFlow): SVGElement {
  const layout = layoutOf(
    nodes.map(({ id }) => id),
    edges,
  );
  const places = new Map(layout.nodes.map((placed) => [placed.id, placed]));
  const ways = edges.flatMap(({ from, to }) => {
    const [start, end] = [places.get(from), places.get(to)];
    return start === undefined || end === undefined ? [] : [wayPath(start, end)];
  });
  return s(
    'svg',
    {
      'aria-hidden': 'true',
      width: layout.width,
      height: layout.height,
      viewBox: `0 0 ${layout.width} ${layout.height}`,
    },
    s(
      'defs',
      {},
      s(
        'marker',
        {
          id: 'arrow',
          viewBox: '0 0 8 8',
          refX: 7,
          refY: 4,
          markerWidth: 7,
          markerHeight: 7,
          orient: 'auto-start-reverse',
        },
        s('path', { d: 'M0 0 8 4 0 8Z', class: 'tip' }),
      ),
    ),
    ways,
    nodes.flatMap((node) => {
      const placed = places.get(node.id);
      return placed === undefined ? [] : [nodeBox(node, placed)];
    }),
  );
}

function wayPath(start: Placed, end: Placed): SVGElement {
  const [y1, y2] = [start.y + NODE.height, end.y - 2];
  // A step back goes around the side.
  const bend = y2 > y1 ? (y2 - y1) / 2 : NODE.gapY;
  const d = `M${start.x} ${y1} C${start.x} ${y1 + bend} ${end.x} ${y2 - bend} ${end.x} ${y2}`;
  return s('path', { d, class: 'way', 'marker-end': 'url(#arrow)' });
}

const LONGEST = 21;

function nodeBox({ kind, name, hidden, leaks }: FlowNode, { x, y }: Placed): SVGElement {
  const state =
    leaks.length > 0
      ? `LEAK: ${leaks.map(({ where }) => where.replace('-', ' ')).join(', ')}`
      : hidden.length > 0
        ? 'hidden'
        : '';
  return s(
    'g',
    { class: `node ${leaks.length > 0 ? 'leak' : ''} ${kind}` },
    s('title', {}, name),
    s('rect', {
      x: x - NODE.width / 2,
      y,
      width: NODE.width,
      height: NODE.height,
      rx: kind === 'vault' ? 14 : 3,
    }),
    s('text', { x, y: y + 17, class: 'kind' }, KINDS[kind]),
    s('text', { x, y: y + 33, class: 'name' }, shortened(visibly(name), LONGEST)),
    s('text', { x, y: y + 49, class: 'state' }, shortened(state, LONGEST + 4)),
  );
}

function inWords({ secrets, nodes, edges }: SecretFlow): HTMLElement {
  const nameOf = (id: string): string => nodes.find((node) => node.id === id)?.name ?? id;
  const said = new Map(secrets.map(({ id, description }) => [id, description]));
  return h(
    'ol',
    {},
    edges.map(({ from, to, secrets: carried }) =>
      h(
        'li',
        {},
        named(nameOf(from)),
        ' → ',
        named(nameOf(to)),
        ': ',
        carried.map((id) => said.get(id) ?? id).join('; '),
      ),
    ),
  );
}
