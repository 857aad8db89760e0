import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { withDeadline } from '../../src/state/with-deadline.js';
import { connect } from './azurite.js';
import { startProxy, type Proxy } from './proxy.js';

let proxy: Proxy;
beforeAll(async () => {
  proxy = await startProxy('http://127.0.0.1:1', () => ({ kind: 'swallow' }));
});
afterAll(() => proxy.stop());

const KEY = Buffer.alloc(32).toString('base64');

describe('withDeadline', () => {
  test('ends a call that is never answered, and says so', async () => {
    const { url } = proxy;
    const account = connect(
      `DefaultEndpointsProtocol=http;AccountName=a;AccountKey=${KEY};BlobEndpoint=${url}/a;QueueEndpoint=${url}/a;TableEndpoint=${url}/a`,
    );
    const calls = [
      (abortSignal: AbortSignal) => account.table('T').getEntity('p', 'r', { abortSignal }),
      (abortSignal: AbortSignal) =>
        account
          .table('T')
          .submitTransaction([['delete', { partitionKey: 'p', rowKey: 'r' }]], { abortSignal }),
      (abortSignal: AbortSignal) => account.table('T').listEntities({ abortSignal }).byPage().next(),
      (abortSignal: AbortSignal) =>
        account.container('c').getBlobClient('b').getBlobLeaseClient().acquireLease(60, { abortSignal }),
      (abortSignal: AbortSignal) => account.queue('q').sendMessage('m', { abortSignal }),
    ];
    await Promise.all(
      calls.map((call) =>
        expect(withDeadline<unknown>(call, 300)).rejects.toThrow('did not answer within 0.3 seconds'),
      ),
    );
  });

  test('passes on what a call comes to in time', async () => {
    const failure = new Error('It failed.');
    await expect(withDeadline(() => Promise.resolve(1))).resolves.toBe(1);
    await expect(withDeadline(() => Promise.reject(failure))).rejects.toBe(failure);
  });
});
