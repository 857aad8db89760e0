import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InvalidContinuationTokenError } from '../../src/engine/ports/audit-log.js';
import { decodeContinuationToken, encodeContinuationToken } from '../../src/state/continuation-token.js';

function sdkToken(position: unknown): string {
  return Buffer.from(JSON.stringify(position)).toString('base64');
}

function ours(position: unknown): string {
  return encodeContinuationToken(sdkToken(position));
}

describe('the continuation token', () => {
  test('comes back as the table client gave it, and is safe in a query string', () => {
    const key = fc.string({ minLength: 1, maxLength: 300 });
    fc.assert(
      fc.property(key, fc.option(key), (nextPartitionKey, nextRowKey) => {
        const given = sdkToken(nextRowKey === null ? { nextPartitionKey } : { nextPartitionKey, nextRowKey });
        const token = encodeContinuationToken(given);
        expect(token).toMatch(/^[A-Za-z0-9_-]+$/);
        expect(decodeContinuationToken(token)).toBe(given);
      }),
    );
  });

  test.each([
    ['empty', ''],
    ['no base64', 'a b'],
    ['base64 with padding', sdkToken({ nextPartitionKey: 'ab' })],
    ['no JSON', Buffer.from('garbage').toString('base64url')],
    ['no object', ours('a')],
    ['null', ours(null)],
    ['no partition', ours({ nextRowKey: 'a' })],
    ['a partition that is no text', ours({ nextPartitionKey: 7 })],
    ['a line break, which would forge a header', ours({ nextPartitionKey: 'a\r\nx: y' })],
    ['more than a position', ours({ nextPartitionKey: 'a', filter: 'true' })],
    ['too long', ours({ nextPartitionKey: 'a'.repeat(900), nextRowKey: 'b'.repeat(900) })],
  ])('is refused if it is %s', (_name, token) => {
    expect(() => decodeContinuationToken(token)).toThrow(InvalidContinuationTokenError);
  });

  test('no text makes it throw anything else', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(() => decodeContinuationToken(text)).toThrow(InvalidContinuationTokenError);
      }),
    );
  });
});
