import { describe, expect, it } from 'vitest';
import { answerEventGrid, type EventGridThrow } from '../../local-host/event-grid-trigger.js';
import type { InvocationResult, TriggerInput } from '../../local-host/invocation.js';

interface Sent {
  readonly method?: string;
  readonly functionName?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
  readonly onThrow?: EventGridThrow;
}

/** Asks the webhook of an app with one function, which fails for an event that has `fail`. */
async function ask(sent: Sent) {
  const {
    method = 'POST',
    functionName = 'resourceChanged',
    headers = {},
    body = '',
    onThrow = 'retried',
  } = sent;
  const inputs: unknown[] = [];
  const run = (input: () => TriggerInput): Promise<InvocationResult> => {
    try {
      const { data } = input();
      inputs.push('json' in data ? JSON.parse(data.json) : data);
      if ('json' in data && data.json.includes('fail')) throw new Error('secret');
      return Promise.resolve({ kind: 'succeeded', response: {} });
    } catch (error) {
      return Promise.resolve({ kind: 'failed', error });
    }
  };
  const response = await answerEventGrid(
    {
      method,
      url: new URL(`http://localhost/runtime/webhooks/eventgrid?functionName=${functionName}`),
      headers: new Map(Object.entries(headers)),
      body: Buffer.from(body),
    },
    { onThrow, find: (name) => (name === 'resourceChanged' ? run : undefined) },
  );
  return { ...response, inputs };
}

const notification = { 'aeg-event-type': 'Notification' };
const validation = { 'aeg-event-type': 'SubscriptionValidation' };

describe('the handshake', () => {
  it.each([
    ['an Event Grid event', '[{"data":{"validationCode":"abc"}}]'],
    ['a CloudEvent', '{"data":{"validationCode":"abc"}}'],
    ['a CloudEvent with its data as text', '{"data":"{\\"validationCode\\":\\"abc\\"}"}'],
  ])('gives back the code of %s', async (_, body) => {
    const { status, body: answer, inputs } = await ask({ headers: validation, body });
    expect([status, answer, inputs]).toEqual([200, '{"validationResponse":"abc"}', []]);
  });

  it('is refused without a code', async () => {
    expect(await ask({ headers: validation, body: '[{}]' })).toMatchObject({ status: 400 });
    expect(await ask({ headers: validation, body: '[]' })).toMatchObject({ status: 400 });
  });

  it('of CloudEvents allows who asks', async () => {
    const headers = { 'webhook-request-origin': 'eventgrid.azure.net' };
    expect(await ask({ method: 'OPTIONS', headers })).toMatchObject({
      status: 200,
      headers: { 'webhook-allowed-origin': 'eventgrid.azure.net', 'webhook-allowed-rate': '*' },
    });
    expect(await ask({ method: 'OPTIONS' })).toMatchObject({ status: 400 });
  });
});

describe('a notification', () => {
  it.each<[string, string, unknown[]]>([
    ['of an array', '[{"id":"1"},{"id":"2"}]', [{ id: '1' }, { id: '2' }]],
    ['of one CloudEvent', '{"id":"1","specversion":"1.0"}', [{ id: '1', specversion: '1.0' }]],
    ['of an empty array', '[]', []],
  ])('%s runs the function once for each event', async (_, body, events) => {
    const { status, inputs } = await ask({ headers: notification, body });
    expect([status, inputs]).toEqual([202, events]);
  });

  it.each<[EventGridThrow, number]>([
    ['retried', 500],
    ['lost', 202],
  ])('that fails is %s, if the host is told so', async (onThrow, expected) => {
    const body = '[{"id":"1"},{"id":"fail"},{"id":"3"}]';
    const { status, body: answer, inputs } = await ask({ headers: notification, body, onThrow });
    expect(status).toBe(expected);
    expect(inputs).toHaveLength(3);
    expect(String(answer)).not.toContain('secret');
  });

  it('whose event is no object fails', async () => {
    expect(await ask({ headers: notification, body: '[7]' })).toMatchObject({ status: 500, inputs: [] });
  });

  it.each<[string, Sent, number]>([
    ['for a function that is not there', { functionName: 'nobody', headers: notification, body: '[]' }, 404],
    ['for no function', { functionName: '', headers: notification, body: '[]' }, 404],
    ['that is no JSON', { headers: notification, body: '<event/>' }, 400],
    ['that is a number', { headers: notification, body: '7' }, 400],
    ['that does not say what it is', { body: '[]' }, 400],
    ['with another method', { method: 'PUT', headers: notification, body: '[]' }, 404],
  ])('%s is refused', async (_, sent, status) => {
    expect(await ask(sent)).toMatchObject({ status, inputs: [] });
  });

  it('that the subscription ends is taken', async () => {
    expect(await ask({ headers: { 'aeg-event-type': 'Unsubscribe' } })).toMatchObject({
      status: 202,
      inputs: [],
    });
  });
});
