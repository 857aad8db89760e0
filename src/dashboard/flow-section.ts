import type { SecretFlow } from './answers.js';
import { sorry, type Doing } from './doing.js';
import { fill, h } from './element.js';
import { flowView } from './flow-view.js';
import { pressButton } from './press.js';

/** Draws a workflow's secret flow when somebody asks: it reads the workflow. */
export function flowSection({ api, abilities }: Doing, resourceId: string): HTMLElement {
  const body = h('div', { role: 'status' });
  const draw = async (): Promise<void> => {
    fill(body, h('p', {}, 'Reading the workflow …'));
    const answer = await api.get<SecretFlow>('secret-flow', { resourceId });
    fill(body, answer.kind === 'ok' ? flowView(answer.body) : sorry(answer));
  };
  return h(
    'section',
    {},
    h('h3', {}, 'Secret flow'),
    h(
      'p',
      {},
      pressButton('Draw where its secrets go', abilities.flow, () => void draw()),
    ),
    body,
  );
}
