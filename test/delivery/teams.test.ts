import {
  createHttpHeaders,
  RestError,
  type HttpClient,
  type PipelineRequest,
} from '@azure/core-rest-pipeline';
import { describe, expect, test } from 'vitest';
import { DeliveryError } from '../../src/delivery/target.js';
import { createTeams } from '../../src/delivery/teams/teams.js';
import { aRecord } from '../state/records.js';

const SECRET = 'hunter2-signature';
const URL_TEXT = `https://prod-00.westeurope.logic.azure.com/workflows/w/triggers/manual/paths/invoke?sig=${SECRET}`;
const LINKS = { portal: () => null, app: '' };
const GOING_ON = new AbortController().signal;

function answering(
  answer: (request: PipelineRequest) => { status: number; headers?: Record<string, string> },
) {
  const requests: PipelineRequest[] = [];
  const http: HttpClient = {
    sendRequest: (request) => {
      requests.push(request);
      return Promise.resolve().then(() => {
        const { status, headers } = answer(request);
        return {
          request,
          status,
          headers: createHttpHeaders(headers),
          bodyAsText: `${SECRET} ${request.url}`,
        };
      });
    },
  };
  return { requests, target: createTeams(http, { kind: 'url', url: URL_TEXT }, LINKS) };
}

async function failureOf(work: Promise<void>): Promise<DeliveryError> {
  const error: unknown = await work.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof DeliveryError)) throw new Error(`Not a delivery error: ${String(error)}`);
  return error;
}

test('one POST of what a Teams workflow takes', async () => {
  const { requests, target } = answering(() => ({ status: 202 }));
  await target.deliver([aRecord(), aRecord()], GOING_ON);
  expect(requests).toHaveLength(1);
  const [request] = requests;
  expect(request).toMatchObject({ method: 'POST', url: URL_TEXT });
  expect(request?.headers.get('content-type')).toBe('application/json; charset=utf-8');
  expect(JSON.parse(request?.body as string)).toMatchObject({
    type: 'message',
    attachments: [
      {
        contentType: 'application/vnd.microsoft.card.adaptive',
        content: { type: 'AdaptiveCard', version: '1.2' },
      },
    ],
  });
});

test('what people are not told of is no request', async () => {
  const { requests, target } = answering(() => ({ status: 202 }));
  await target.deliver([aRecord({ outcome: 'exempt' })], GOING_ON);
  expect(requests).toEqual([]);
});

describe('what the webhook answers', () => {
  test.each<[number, Record<string, string>, Partial<DeliveryError>]>([
    [429, { 'retry-after': '17' }, { kind: 'transient', retryAfterMs: 17_000 }],
    [500, {}, { kind: 'transient', retryAfterMs: null }],
    [503, { 'retry-after': '1' }, { kind: 'transient', retryAfterMs: 1000 }],
    // A workflow that is off or gone, and a key that was renewed: whoever mends it wants what he has missed.
    [400, {}, { kind: 'transient' }],
    [401, {}, { kind: 'transient' }],
    [404, {}, { kind: 'transient' }],
    [302, { location: 'https://evil' }, { kind: 'transient' }],
    [413, {}, { kind: 'rejected' }],
  ])('%s', async (status, headers, expected) => {
    const { requests, target } = answering(() => ({ status, headers }));
    const error = await failureOf(target.deliver([aRecord()], GOING_ON));
    expect(error).toMatchObject(expected);
    expect(error.message).toContain(String(status));
    expect(requests).toHaveLength(1);
    expect(`${error.message} ${String(error.cause)} ${error.stack ?? ''}`).not.toContain(SECRET);
  });

  test.each([200, 202])('%s is all there is to know', async (status) => {
    const { target } = answering(() => ({ status }));
    await expect(target.deliver([aRecord()], GOING_ON)).resolves.toBeUndefined();
  });
});

test('a web page is no answer of a workflow, and no delivery', async () => {
  const { target } = answering(() => ({
    status: 200,
    headers: { 'content-type': 'text/html; charset=utf-8' },
  }));
  const error = await failureOf(target.deliver([aRecord()], GOING_ON));
  expect(error).toMatchObject({ kind: 'transient' });
  expect(error.message).toContain('answered 200 with a web page');
  expect(`${error.message} ${error.stack ?? ''}`).not.toContain(SECRET);
});

test('a network that fails is told by its code, and never the URL', async () => {
  const { target } = answering((request) => {
    throw new RestError(`connect ECONNREFUSED ${request.url}`, { code: 'ECONNREFUSED', request });
  });
  const error = await failureOf(target.deliver([aRecord()], GOING_ON));
  expect(error.message).toBe('The Teams webhook cannot be reached (ECONNREFUSED).');
  expect(error.kind).toBe('transient');
  expect(error.cause).toBeUndefined();
});

test('a Key Vault reference that is not resolved is a webhook that is down', async () => {
  const http: HttpClient = { sendRequest: () => Promise.reject(new Error('asked')) };
  const target = createTeams(http, { kind: 'unresolved' }, LINKS);
  const error = await failureOf(target.deliver([aRecord()], GOING_ON));
  expect(error).toMatchObject({ kind: 'transient' });
  expect(error.message).toContain('HOLDFAST_TEAMS_WEBHOOK is a Key Vault reference');
});
