import type { Edit } from '../../types/edit.js';
import { shortList } from './template-text.js';
import { VAULT_SOURCES } from './vault-sources.js';
import { WORKFLOW_SOURCES } from './workflow-sources.js';

/** What to write where a resource is deployed from, so that a deployment does not put the drift back. */
export interface ChangeAtSource {
  readonly bicep: string;
  readonly terraform: string;
}

/**
 * What edits of one kind come to in a template. Arguments of azurerm are those of
 * https://registry.terraform.io/providers/hashicorp/azurerm/latest/docs; where it has none, the text says so.
 */
export interface SourceKind {
  readonly path: RegExp;
  /** Absent where it does not matter. */
  readonly op?: Edit['op'];
  readonly write: (edits: readonly Edit[]) => ChangeAtSource;
}

const KINDS: readonly SourceKind[] = [...VAULT_SOURCES, ...WORKFLOW_SOURCES];

/** What to write for edits that are to stay. Names and ids alone: no value of it is a secret. */
export function changeAtSource(edits: readonly Edit[]): ChangeAtSource {
  const byKind = Map.groupBy(edits, ({ path, op }) =>
    KINDS.find((kind) => kind.path.test(path) && (kind.op === undefined || kind.op === op)),
  );
  const parts = [...byKind].map(([kind, own]) => kind?.write(own) ?? inWords(own));
  return {
    bicep: parts.map(({ bicep }) => bicep).join(' '),
    terraform: parts.map(({ terraform }) => terraform).join(' '),
  };
}

function inWords(edits: readonly Edit[]): ChangeAtSource {
  const text = `what the edits change at ${shortList(edits.map(({ path }) => path))}.`;
  return { bicep: text, terraform: text };
}
