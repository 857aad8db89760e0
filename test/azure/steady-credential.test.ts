import type { AccessToken } from '@azure/identity';
import { expect, test } from 'vitest';
import { steadyCredential } from '../../src/azure/steady-credential.js';

const SCOPE = 'https://management.azure.com/.default';
const token = (text: string, lastsMs: number): AccessToken => ({
  token: text,
  expiresOnTimestamp: Date.now() + lastsMs,
});

function credentialOf(...answers: readonly (AccessToken | Error)[]) {
  const left = [...answers];
  return steadyCredential({
    getToken: () => {
      const next = left.shift() ?? new Error('no more answers');
      return next instanceof Error ? Promise.reject(next) : Promise.resolve(next);
    },
  });
}

test('a new token is given as it comes', async () => {
  const credential = credentialOf(token('one', 60_000), token('two', 60_000));
  expect((await credential.getToken(SCOPE))?.token).toBe('one');
  expect((await credential.getToken(SCOPE))?.token).toBe('two');
});

test('where none comes, the last one is given as long as it holds', async () => {
  const credential = credentialOf(token('one', 60_000), new Error('down'));
  await credential.getToken(SCOPE);
  expect((await credential.getToken(SCOPE))?.token).toBe('one');
});

test.each([
  ['one that has run out', SCOPE, -1],
  ['one for something else', 'https://vault.azure.net/.default', 60_000],
])('%s is not given', async (_, scope, lastsMs) => {
  const credential = credentialOf(token('one', lastsMs), new Error('down'));
  await credential.getToken(SCOPE);
  await expect(credential.getToken(scope)).rejects.toThrow('down');
});

test('a token for a claims challenge is not another one’s', async () => {
  const credential = credentialOf(token('one', 60_000), new Error('down'));
  await credential.getToken(SCOPE);
  await expect(credential.getToken(SCOPE, { claims: 'more' })).rejects.toThrow('down');
});
