import { odata } from '@azure/data-tables';

/** The filter for keys that begin so: a table has none for a prefix, but '.' follows '-' in ASCII. */
export function beginsWith(key: 'PartitionKey' | 'RowKey', prefix: `${string}-`): string {
  const after = `${prefix.slice(0, -1)}.`;
  // Only what is compared is put in by `odata`, which would take the key's name for a text, too.
  return `${key}${odata` ge ${prefix}`} and ${key}${odata` lt ${after}`}`;
}
