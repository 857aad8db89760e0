import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DeadLetter } from '../../src/engine/dead-letters/dead-letter.js';
import { readGivenUp } from '../../src/engine/dead-letters/read-given-up.js';
import { readUndelivered } from '../../src/engine/dead-letters/read-undelivered.js';
import type { Json } from '../../src/types/json.js';
import { tryParseResourceId } from '../../src/types/resource-id.js';
import { SUBSCRIPTION, vaultId } from '../engine/fake-world.js';
import { mutatedJson } from './mutated-json.js';
import { oddJson } from './odd-json.js';
import { oddText } from './odd-text.js';
import { run } from './run.js';

/*
 * Whoever may write to the storage account may write dead letters; none of them may do more than have Holdfast look.
 */

const UNDELIVERED: Json = [
  {
    eventType: 'Microsoft.Resources.ResourceWriteSuccess',
    eventTime: '2026-11-26T10:00:00Z',
    data: { resourceUri: vaultId().id, correlationId: 'c', claims: { oid: 'bob' }, httpRequest: {} },
    deadLetterReason: 'MaxDeliveryAttemptsExceeded',
    deliveryAttempts: 30,
    lastDeliveryOutcome: 'NotFound',
    publishTime: '2026-11-26T10:00:01Z',
  },
];
const LOOK: Json = {
  v: 1,
  resourceId: vaultId().id,
  correlationId: 'c',
  trigger: 'http',
  actor: { id: null, name: 'bob', ip: null },
  remediators: ['vault-firewall'],
  askedForByName: true,
  attempt: 5,
  why: 'It failed.',
};
const SWEEP: Json = {
  v: 2,
  kind: 'sweep',
  subscriptionId: SUBSCRIPTION,
  correlationId: 'c',
  startedAt: '2026-11-26T10:00:00.000Z',
  attempt: 3,
};
const kept = (text: string): string =>
  JSON.stringify({
    v: 1,
    insertedAt: '2026-11-26T10:00:00.000Z',
    text: Buffer.from(text).toString('base64'),
  });

function opensNothing(letter: DeadLetter): void {
  if (letter.kind === 'malformed') {
    expect(letter.problem).not.toBe('');
    expect(letter.problem.length).toBeLessThan(5000);
    return;
  }
  for (const message of letter.work) {
    expect(message.attempt).toBe(0);
    if (message.v === 2) continue;
    expect(tryParseResourceId(message.resourceId)).not.toBeNull();
    expect([message.trigger, message.askedForByName]).toEqual(['replay', false]);
  }
}

describe('whatever lies among the dead letters', () => {
  const texts = (good: Json) =>
    fc.oneof(
      { arbitrary: mutatedJson(good).map((json) => JSON.stringify(json)), weight: 6 },
      { arbitrary: oddJson.map((json) => JSON.stringify(json)), weight: 2 },
      oddText,
    );

  test('of events, it is read or named, and opens nothing', () => {
    fc.assert(
      fc.property(texts(UNDELIVERED), (text) => {
        opensNothing(readUndelivered(text));
      }),
      run(1500),
    );
  });

  test.each([
    ['looks', LOOK],
    ['sweeps', SWEEP],
  ])('of messages for %s, it is read or named, and opens nothing', (_name, good) => {
    fc.assert(
      fc.property(texts(good), (text) => {
        opensNothing(readGivenUp(kept(text)));
        opensNothing(readGivenUp(text));
      }),
      run(1000),
    );
  });
});
