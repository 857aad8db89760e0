import type { FlowBetween, WorkflowDocument } from '../../types/observation.js';
import type { Connections } from '../connections.js';
import { lowerCaseOf } from '../lower-case.js';
import { writeHazardsOf } from '../write-hazards.js';
import { describeSecret } from './describe-secret.js';
import type { CarriedSecret, Held, Holding } from './exposure.js';
import type { Secret } from './secret.js';
import { secretFlowOf, type FlowNode, type SecretFlow } from './secret-flow.js';

/** The ways of the secrets through a workflow, as a graph to be drawn: names and words alone, never a value. */
export interface FlowMap {
  readonly secrets: readonly FlowMapSecret[];
  /** In the order of the definition; vaults and whoever calls stand first. */
  readonly nodes: readonly FlowMapNode[];
  readonly edges: readonly FlowMapEdge[];
  /** Why Holdfast does not turn on a setting that would hide a secret, in Azure; null where it does. */
  readonly obstacle: string | null;
}

export interface FlowMapSecret {
  readonly id: string;
  /** Where it comes from, in words. */
  readonly description: string;
}

export interface FlowMapNode {
  readonly id: string;
  readonly kind: 'vault' | 'caller' | 'trigger' | 'action' | 'variable' | 'parameter' | 'workflow-output';
  readonly name: string;
  /** An operation's type in lower case, e.g. `http`; null for what is none. */
  readonly type: string | null;
  /** Which of an operation's parts hold a secret that the run history does not show. */
  readonly hidden: readonly ('inputs' | 'outputs')[];
  readonly leaks: readonly FlowLeak[];
}

export interface FlowMapEdge {
  readonly from: string;
  readonly to: string;
  /** Ids of the secrets that take this way. */
  readonly secrets: readonly string[];
}

/** Where somebody who may look at runs, or who calls the workflow, gets to see a secret. */
export interface FlowLeak {
  readonly where: 'inputs' | 'outputs' | 'tracked-properties' | 'response' | 'workflow-output';
  /** Whether a setting of the operation hides it: then Holdfast turns that on, unless there is an `obstacle`. */
  readonly canBeHidden: boolean;
  readonly secrets: readonly string[];
}

/** Draws what {@link secretFlowOf} finds. Pure: a definition in a file is as good as a live one. */
export function flowMapOf(
  workflow: WorkflowDocument,
  connections: Connections,
  related?: FlowBetween,
): FlowMap {
  const flow = secretFlowOf(workflow, connections, related);
  const ids = new Map(flow.secrets.map((secret, index) => [secret, `secret-${index + 1}`]));
  const idsOf = (carried: readonly CarriedSecret[]): readonly string[] =>
    [...new Set(carried.flatMap(({ secret }) => ids.get(secret) ?? []))].sort();
  const nodes = new Map<string, FlowMapNode>();
  const edges = new Map<string, { from: string; to: string; secrets: Set<string> }>();
  const join = (from: string, to: string, secret: Secret): void => {
    const key = JSON.stringify([from, to]);
    const edge = edges.get(key) ?? { from, to, secrets: new Set() };
    edge.secrets.add(ids.get(secret) ?? '');
    edges.set(key, edge);
  };

  for (const node of outsideOf(flow)) nodes.set(node.id, node);
  const steps = flow.edges();
  for (const { from } of steps) {
    // First what comes from outside the operations, then these in the order of the definition.
    if (from.kind === 'parameter') nodes.set(idOf(from), nodeOf(from));
  }
  for (const holding of flow.holdings) {
    const node = nodeOfHolding(holding, idsOf);
    nodes.set(node.id, node);
  }
  for (const { name, secrets } of flow.workflowOutputs) {
    const leak: FlowLeak = { where: 'workflow-output', canBeHidden: false, secrets: idsOf(secrets) };
    const node = nodeOf({ kind: 'workflow-output', name });
    nodes.set(node.id, { ...node, leaks: [leak] });
  }
  for (const { from, to, secret } of steps) {
    for (const end of [from, to]) {
      const node = nodeOf(end);
      if (!nodes.has(node.id)) nodes.set(node.id, node);
    }
    join(idOf(from), idOf(to), secret);
  }
  for (const secret of flow.secrets) joinOutside(secret, join);
  for (const { operation, inputs } of flow.holdings) {
    if (operation.type !== 'response') continue;
    for (const { secret } of inputs?.secrets ?? []) join(idOfOperation(operation.name), CALLER, secret);
  }
  const { reasons } = writeHazardsOf(workflow, true);
  return {
    secrets: flow.secrets.map((secret) => ({
      id: ids.get(secret) ?? '',
      description: describeSecret(secret),
    })),
    nodes: [...nodes.values()],
    edges: [...edges.values()].map((edge) => ({ ...edge, secrets: [...edge.secrets].sort() })),
    obstacle: reasons.length === 0 ? null : reasons.join(' '),
  };
}

const CALLER = 'caller';
const FROM_VAULT: ReadonlySet<Secret['kind']> = new Set([
  'connector-get-secret',
  'connector-decrypt',
  'http-get-secret',
  'http-decrypt',
]);

/** What secrets come from and go to beyond the workflow: vaults, and whoever calls it. */
function outsideOf({ secrets, returnsSecret }: SecretFlow): readonly FlowMapNode[] {
  const vaults = secrets.filter(({ kind }) => FROM_VAULT.has(kind) || kind === 'vault-write');
  const names = new Set(vaults.map(({ vaultName }) => vaultName));
  const hasCaller = returnsSecret || secrets.some(({ kind }) => kind === 'caller');
  return [
    ...[...names].map((name) => plainNode(vaultId(name), 'vault', name ?? 'a vault that cannot be told')),
    ...(hasCaller ? [plainNode(CALLER, 'caller', 'whoever calls the workflow')] : []),
  ];
}

function joinOutside(secret: Secret, join: (from: string, to: string, secret: Secret) => void): void {
  const { kind, operation, vaultName } = secret;
  if (operation === null) return;
  const at = idOfOperation(operation.name);
  if (FROM_VAULT.has(kind)) join(vaultId(vaultName), at, secret);
  else if (kind === 'vault-write') join(at, vaultId(vaultName), secret);
  else if (kind === 'caller') join(CALLER, at, secret);
}

function nodeOfHolding(
  { operation, inputs, outputs, tracked }: Holding,
  idsOf: (carried: readonly CarriedSecret[]) => readonly string[],
): FlowMapNode {
  const leaks: FlowLeak[] = [];
  const hidden: ('inputs' | 'outputs')[] = [];
  const look = (where: 'inputs' | 'outputs', held: Held | null): void => {
    if (held === null) return;
    if (held.hiding === 'by-itself' || held.hiding === 'by-setting') hidden.push(where);
    else leaks.push({ where, canBeHidden: held.hiding === 'open', secrets: idsOf(held.secrets) });
  };
  look('inputs', inputs);
  look('outputs', outputs);
  if (tracked.length > 0)
    leaks.push({ where: 'tracked-properties', canBeHidden: false, secrets: idsOf(tracked) });
  if (operation.type === 'response' && inputs !== null)
    leaks.push({ where: 'response', canBeHidden: false, secrets: idsOf(inputs.secrets) });
  return {
    id: idOfOperation(operation.name),
    kind: operation.kind,
    name: operation.name,
    type: operation.type,
    hidden,
    leaks,
  };
}

/** What a secret passes without being held there, such as a variable. */
function nodeOf(node: FlowNode): FlowMapNode {
  return plainNode(idOf(node), node.kind === 'operation' ? 'action' : node.kind, node.name);
}

function plainNode(id: string, kind: FlowMapNode['kind'], name: string): FlowMapNode {
  return { id, kind, name, type: null, hidden: [], leaks: [] };
}

function idOf({ kind, name }: FlowNode): string {
  return kind === 'operation' ? idOfOperation(name) : `${kind}:${lowerCaseOf(name)}`;
}

function idOfOperation(name: string): string {
  return `operation:${lowerCaseOf(name)}`;
}

function vaultId(name: string | null): string {
  return `vault:${name ?? ''}`;
}
