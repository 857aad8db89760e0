import { invalidContinuationToken } from './continuation-token.js';
import { isStorageError } from './storage-error.js';
import type { RowPage, Table } from './table.js';

/**
 * A page at a position that came from outside, or the first one. Throws `InvalidContinuationTokenError` for a token of the
 * right form that names a position which the service does not know.
 */
export async function pageAtToken(
  table: Table,
  filter: string,
  top: number,
  token: string | null,
): Promise<RowPage> {
  try {
    return await table.page(filter, top, token);
  } catch (error) {
    if (token !== null && isStorageError(error, 400)) throw invalidContinuationToken();
    throw error;
  }
}
