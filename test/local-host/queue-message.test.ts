import { describe, expect, it } from 'vitest';
import { decodeMessage, queueInput } from '../../local-host/queue-message.js';

describe('the text of a message', () => {
  it.each<[string, string, 'base64' | 'none', string | undefined]>([
    ['is decoded', Buffer.from('schön').toString('base64'), 'base64', 'schön'],
    ['may be empty', '', 'base64', ''],
    ['may hold white space', 'YWJj\nZGVm ', 'base64', 'abcdef'],
    ['is refused if it is not base64', '{"a":1}', 'base64', undefined],
    ['is refused if it is cut off', 'YWJ', 'base64', undefined],
    ['is refused if it is padded twice', 'YQ==YQ==', 'base64', undefined],
    ['is left as it is without encoding', '{"a":1}', 'none', '{"a":1}'],
  ])('%s', (_, text, encoding, expected) => {
    expect(decodeMessage(text, encoding)).toBe(expected);
  });
});

describe('what the worker gets of a message', () => {
  const message = {
    messageId: 'the-id',
    popReceipt: 'the-receipt',
    messageText: '',
    dequeueCount: 2,
    insertedOn: new Date('2025-11-23T10:00:00Z'),
    expiresOn: new Date('2025-11-30T10:00:00Z'),
    nextVisibleOn: new Date('2025-11-23T10:10:00Z'),
  };

  it('is the text and the metadata of the queue', () => {
    expect(queueInput(message, 'hello')).toEqual({
      data: { string: 'hello' },
      metadata: {
        QueueTrigger: { string: 'hello' },
        DequeueCount: { json: '2' },
        ExpirationTime: { json: '"2025-11-30T10:00:00+00:00"' },
        Id: { string: 'the-id' },
        InsertionTime: { json: '"2025-11-23T10:00:00+00:00"' },
        NextVisibleTime: { json: '"2025-11-23T10:10:00+00:00"' },
        PopReceipt: { string: 'the-receipt' },
      },
    });
  });

  it('has the top level of a JSON message in its metadata', () => {
    const text = '{"id":"mine","count":3,"on":true,"inner":{"a":1},"list":[1],"nothing":null}';
    const { metadata } = queueInput(message, text);
    expect(metadata).toMatchObject({
      id: { string: 'mine' },
      count: { string: '3' },
      on: { string: 'True' },
      inner: { json: '{"a":1}' },
    });
    expect(Object.keys(metadata).slice(7)).toEqual(['id', 'count', 'on', 'inner']);
  });

  it.each(['[1]', '"text"', 'null', '{'])('has nothing more in its metadata for %s', (text) => {
    expect(Object.keys(queueInput(message, text).metadata)).toHaveLength(7);
  });
});
