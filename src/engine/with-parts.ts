import type { JsonObject } from '../types/json.js';
import { propertiesOf } from '../types/observation.js';
import type { AuditRecord } from '../types/record.js';
import type { ResourceId } from '../types/resource-id.js';
import type { EngineDeps } from './engine-deps.js';
import { siblingId } from './sibling-id.js';
import { targetOf, type WriteTarget } from './write-target.js';

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
  const targets = records.flatMap((record) => {
    const kind = record.remediator === 'vault-deleted' ? 'deleted-vault' : id.kind;
    return record.edits.map((edit) => targetOf(kind, edit));
  });
  let whole = document;
  for (const target of targets) whole = await withPart(deps, id, whole, target, signal);
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
      return { ...document, properties: { ...propertiesOf(document), createMode: 'recover' } };
    case 'diagnostic-setting': {
      const settings = await reader.listDiagnosticSettings(id, signal);
      const found = settings.find(({ name }) => name === target.name);
      return found === undefined ? document : { ...document, diagnosticSettings: { [target.name]: found } };
    }
    case 'connection': {
      const { document: sibling } = await reader.read(siblingId(id, target.name), signal);
      return { ...document, connections: { [target.name]: sibling } };
    }
  }
}
