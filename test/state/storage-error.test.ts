import { describe, expect, test } from 'vitest';
import { isStorageError } from '../../src/state/storage-error.js';

const blob = Object.assign(new Error(), { statusCode: 404, code: 'BlobNotFound' });
const table = Object.assign(new Error(), { statusCode: 404, details: { errorCode: 'TableNotFound' } });

describe('isStorageError', () => {
  test.each([
    ['the status alone', blob, 404, [], true],
    ['another status', blob, 409, [], false],
    ['the code of a blob', blob, 404, ['ContainerNotFound', 'BlobNotFound'], true],
    ['another code of a blob', blob, 404, ['ContainerNotFound'], false],
    ['the code of a table', table, 404, ['TableNotFound'], true],
    ['another code of a table', table, 404, ['ResourceNotFound'], false],
    ['the code with another status', table, 409, ['TableNotFound'], false],
    ['an error without an answer', new Error('connect ECONNREFUSED'), 404, [], false],
    ['no error', { statusCode: 404 }, 404, [], false],
  ])('%s', (_name, error, status, codes, expected) => {
    expect(isStorageError(error, status, ...codes)).toBe(expected);
  });
});
