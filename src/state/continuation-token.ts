import { InvalidContinuationTokenError } from '../engine/ports/audit-log.js';
import { isJsonObject } from '../types/json.js';

/** Longer than two keys of ours can make it. */
const MAX_LENGTH = 2000;
/** What a header and a query string take; the service's own tokens are of these. */
const PRINTABLE = /^[\x20-\x7e]{1,1000}$/;

/** The table client's token, for a query string. */
export function encodeContinuationToken(token: string): string {
  return Buffer.from(token, 'base64').toString('base64url');
}

/** The table client's token again. Throws {@link InvalidContinuationTokenError} for what was never one. */
export function decodeContinuationToken(text: string): string {
  const bytes = Buffer.from(text, 'base64url');
  if (text.length > MAX_LENGTH || bytes.toString('base64url') !== text || !isPosition(parsed(bytes))) {
    throw invalidContinuationToken();
  }
  return bytes.toString('base64');
}

export function invalidContinuationToken(): InvalidContinuationTokenError {
  return new InvalidContinuationTokenError(
    'The continuation token is not one that this log gave; ask again without it.',
  );
}

function isPosition(value: unknown): boolean {
  if (!isJsonObject(value)) return false;
  const { nextPartitionKey, nextRowKey, ...rest } = value;
  const isKey = (key: unknown): boolean => typeof key === 'string' && PRINTABLE.test(key);
  return (
    isKey(nextPartitionKey) &&
    (nextRowKey === undefined || isKey(nextRowKey)) &&
    Object.keys(rest).length === 0
  );
}

function parsed(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return null;
  }
}
