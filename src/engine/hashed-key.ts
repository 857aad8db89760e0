import { createHash } from 'node:crypto';

/**
 * SHA-256 of a text. As hex it is a key that any table or container takes and that spreads over partitions: names from
 * Azure may hold characters that table keys may not
 * (https://learn.microsoft.com/rest/api/storageservices/understanding-the-table-service-data-model).
 */
export function hashOfKey(text: string): Buffer {
  // UTF-8 has no halves of characters: all of them would hash alike.
  const encoding = /\p{Surrogate}/u.test(text) ? 'utf16le' : 'utf8';
  return createHash('sha256').update(text, encoding).digest();
}

export function hashedKey(text: string): string {
  return hashOfKey(text).toString('hex');
}
