import { isJsonObject, type JsonObject } from '../../types/json.js';
import { propertiesOf } from '../../types/observation.js';

/** When ARM says that a resource was changed last (`systemData`, or a workflow's `changedTime`); null if it does not. */
export function modifiedAt(document: JsonObject): string | null {
  const { changedTime } = propertiesOf(document);
  const systemData = isJsonObject(document.systemData) ? document.systemData.lastModifiedAt : undefined;
  const times = [changedTime, systemData].filter(
    (time): time is string => typeof time === 'string' && !Number.isNaN(Date.parse(time)),
  );
  return times.sort((a, b) => Date.parse(a) - Date.parse(b)).at(-1) ?? null;
}

/** Longer than ARM's reads have ever lagged; after that it is another clock that is behind, not the read. */
const LONGEST_LAG_MS = 2 * 60_000;

/** Whether what happened then may not show yet. */
export function isJustNow(time: string | null, now: Date): boolean {
  return time !== null && now.getTime() - Date.parse(time) < LONGEST_LAG_MS;
}

/** Whether a document is as it was before Holdfast's last write. */
export function isStale(document: JsonObject, lastWriteAt: string | null, now: Date): boolean {
  return (
    lastWriteAt !== null &&
    now.getTime() - Date.parse(lastWriteAt) < LONGEST_LAG_MS &&
    isOlderThan(document, lastWriteAt)
  );
}

/** Whether a document is older than `than`, by ARM's own clock; false where it does not say. */
export function isOlderThan(document: JsonObject, than: string | null, toleranceMs = 0): boolean {
  const at = modifiedAt(document);
  return at !== null && than !== null && Date.parse(at) + toleranceMs < Date.parse(than);
}
