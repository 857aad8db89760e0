import { getIgnoringCase, type JsonObject } from '../../types/json.js';
import { propertiesOf } from '../../types/observation.js';
import type { AuditRecord } from '../../types/record.js';
import type { ResourceId } from '../../types/resource-id.js';
import type { EngineDeps } from '../engine-deps.js';
import { readIfThere } from '../observe/read-if-there.js';
import { siblingId } from './sibling-id.js';
import { nameOfTarget, targetOf, type WriteTarget } from './write-target.js';

/**
 * A resource with those of its parts that records name and that stand elsewhere: a diagnostic setting, a connection
 * beside it; and of a vault that was to be recovered, that it is there.
 */
export async function withParts(
  deps: Pick<EngineDeps, 'reader'>,
  id: ResourceId,
  document: JsonObject,
  records: readonly AuditRecord[],
  signal: AbortSignal,
): Promise<JsonObject> {
  const targets = new Map(
    records.flatMap((record) => {
      const kind = record.remediator === 'vault-deleted' ? 'deleted-vault' : id.kind;
      return record.edits.map((edit) => targetOf(kind, edit)).map((one) => [nameOfTarget(one), one] as const);
    }),
  );
  let whole = document;
  for (const target of targets.values()) whole = await withPart(deps, id, whole, target, signal);
  return whole;
}

async function withPart(
  { reader }: Pick<EngineDeps, 'reader'>,
  id: ResourceId,
  document: JsonObject,
  target: WriteTarget,
  signal: AbortSignal,
): Promise<JsonObject> {
  switch (target.kind) {
    case 'resource':
    case 'access-policy':
      return document;
    case 'recovery':
      // It lies among the deleted ones still.
      if (getIgnoringCase(propertiesOf(document), 'vaultId') !== undefined) return document;
      return { ...document, properties: { ...propertiesOf(document), createMode: 'recover' } };
    case 'diagnostic-setting': {
      const settings = await reader.listDiagnosticSettings(id, signal);
      const found = settings.find(({ name }) => name === target.name);
      return found === undefined ? document : { ...document, diagnosticSettings: { [target.name]: found } };
    }
    case 'connection': {
      const sibling = await readIfThere({ reader }, siblingId(id, target.name), signal);
      if (sibling === null) return document;
      return { ...document, connections: { [target.name]: sibling.document } };
    }
  }
}
