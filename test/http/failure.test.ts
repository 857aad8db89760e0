import { InvocationContext } from '@azure/functions';
import { describe, expect, test } from 'vitest';
import { InvalidContinuationTokenError, InvalidSettingsError } from '../../src/app.js';
import { failure } from '../../src/http/failure.js';
import { DeadlineError } from '../../src/state/with-deadline.js';

const named = (name: string): Error => Object.assign(new Error('AccountKey=c2VjcmV0'), { name });

describe('the answer to a request that failed', () => {
  test.each([
    ['a token of somebody else', new InvalidContinuationTokenError('not one that this log gave'), 400],
    ['settings that cannot be used', new InvalidSettingsError('HOLDFAST_SCOPES: is required.'), 500],
    ['what a storage client throws', named('RestError'), 503],
    ['a storage account that does not answer in time', new DeadlineError('not within 10 seconds'), 503],
    ['anything else', named('TypeError'), 500],
    ['what is no error', 'AccountKey=c2VjcmV0', 500],
  ])('%s', (_name, error, status) => {
    const context = new InvocationContext({ functionName: 'audit', invocationId: '1' });
    const answer = failure(error, context);
    expect(answer.status).toBe(status);
    expect(answer.body).not.toContain('c2VjcmV0');
  });
});
