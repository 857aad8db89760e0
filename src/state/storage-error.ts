/**
 * Whether an error is the storage account's answer with this status and, where any are given, one of these codes.
 * Blobs and queues put the code into `code`, tables into `details.errorCode`, a table transaction into `code` again.
 */
export function isStorageError(error: unknown, status: number, ...codes: readonly string[]): boolean {
  if (!(error instanceof Error)) return false;
  const { statusCode, code, details } = error as Error & {
    readonly statusCode?: unknown;
    readonly code?: unknown;
    readonly details?: { readonly errorCode?: unknown };
  };
  if (statusCode !== status) return false;
  const said = typeof code === 'string' ? code : details?.errorCode;
  return codes.length === 0 || codes.some((wanted) => wanted === said);
}
