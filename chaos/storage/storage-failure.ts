import { RestError } from '@azure/core-rest-pipeline';

/** Which service of the account: each puts its error code elsewhere (see `src/state/storage-error.ts`). */
export type StorageService = 'table' | 'blob' | 'queue';

/** An error as the service's client throws it. */
export function storageFailure(service: StorageService, status: number, code: string): RestError {
  const details = { errorCode: code, code };
  const error = new RestError(`${code} (chaos)`, {
    statusCode: status,
    ...(service === 'table' ? {} : { code }),
  });
  return Object.assign(error, { details });
}

/** No answer came, however often the client tried. */
export function noAnswer(): RestError {
  return new RestError('read ECONNRESET', { code: 'ECONNRESET' });
}

export function aborted(): Error {
  return Object.assign(new Error('The operation was aborted.'), { name: 'AbortError' });
}
