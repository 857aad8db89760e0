import type { FlowBetween, WorkflowDocument } from '../../types/observation.js';
import type { Connections } from '../connections.js';
import type { Constants } from '../constant.js';
import type { Operation } from '../definition.js';
import { readingOf } from '../reading.js';
import { isSetToHide } from '../secure-data.js';
import { traitsOf, type OperationTraits } from './action-types.js';
import { holdingsOf, type CarriedSecret, type Holding } from './exposure.js';
import { flowGraphOf } from './flow-graph.js';
import type { Place } from './places.js';
import type { Secret } from './secret.js';
import { childWorkflowOf, sourcesIn } from './sources.js';
import type { Arrival } from './spread.js';
import { trace, type Trail } from './trace.js';
import { writesSecret } from './vault-write.js';

/** A step of a secret's way, between operations, variables and parameters. */
export interface FlowEdge {
  readonly from: FlowNode;
  readonly to: FlowNode;
  readonly secret: Secret;
}

export interface FlowNode {
  readonly kind: 'operation' | 'variable' | 'parameter' | 'workflow-output';
  readonly name: string;
}

/** What becomes of the secrets in a workflow. */
export interface SecretFlow {
  readonly secrets: readonly Secret[];
  /** As the run history shows them with the settings that stand in the definition. */
  readonly holdings: readonly Holding[];
  /** The same, if an operation's outputs were hidden where `hidesOutputs` says so. */
  readonly holdingsIf: (hidesOutputs: (operation: Operation) => boolean) => readonly Holding[];
  /** The workflow's own outputs that hold a secret. */
  readonly workflowOutputs: readonly { readonly name: string; readonly secrets: readonly CarriedSecret[] }[];
  /** Every step of every secret's way. */
  readonly edges: () => readonly FlowEdge[];
  /** Whether a Response of it gives a secret to whoever calls it. */
  readonly returnsSecret: boolean;
  /** The workflows that it hands a secret: ids in lower case, null where one cannot be told. */
  readonly handsSecretTo: readonly { readonly workflowId: string | null }[];
}

/** No other workflow is known. */
const NOTHING_BETWEEN: FlowBetween = { returnsSecret: new Set(), receivesSecret: false };

/** Follows every secret through a definition, whatever the order in which its actions run. */
export function secretFlowOf(
  workflow: WorkflowDocument,
  connections: Connections,
  related: FlowBetween = NOTHING_BETWEEN,
): SecretFlow {
  const { operations, constants } = readingOf(workflow);
  const sources = sourcesIn(workflow, operations, constants, connections, related);
  if (sources.length === 0) return NO_SECRETS;
  const traits = traitsWith(constants);
  const graph = flowGraphOf(workflow, operations, constants, traits);
  const trails = trace(sources, operations, graph, traits);
  const holdingsWith = holdingsOf(trails, graph.places);
  const holdingsIf = (hidesOutputs: (operation: Operation) => boolean): readonly Holding[] =>
    holdingsWith({ traits, hidesOutputs });
  const holdings = holdingsIf((operation) => isSetToHide(operation, 'outputs'));
  const taking = holdings.filter(({ inputs }) => inputs !== null).map(({ operation }) => operation);
  return {
    secrets: [...new Set([...sources, ...trails.map(({ secret }) => secret)])],
    holdings,
    holdingsIf,
    workflowOutputs: graph.workflowOutputs.flatMap((place) => {
      const secrets = trails.flatMap(({ secret, arrivals }) =>
        arrivals.has(place) ? [{ secret, path: [secret.source, place.name] }] : [],
      );
      return secrets.length === 0 ? [] : [{ name: place.name, secrets }];
    }),
    edges: () => trails.flatMap(edgesOf),
    returnsSecret: taking.some(({ type }) => type === 'response'),
    handsSecretTo: taking
      .filter(({ type }) => type === 'workflow')
      .map((operation) => ({ workflowId: childWorkflowOf(operation, constants) })),
  };
}

const NO_SECRETS: SecretFlow = {
  secrets: [],
  holdings: [],
  holdingsIf: () => [],
  workflowOutputs: [],
  edges: () => [],
  returnsSecret: false,
  handsSecretTo: [],
};

/**
 * A vault answers a write with the secret that was written, which is a source of its own; other answers are looked at
 * before they count.
 */
function traitsWith(constants: Constants): (operation: Operation) => OperationTraits {
  return (operation) => {
    const traits = traitsOf(operation.type);
    return operation.type === 'http' && writesSecret(operation, constants)
      ? { ...traits, gives: 'none' }
      : traits;
  };
}

function edgesOf({ secret, passages }: Trail): readonly FlowEdge[] {
  const edges = new Map<string, FlowEdge>();
  for (const passage of passages) {
    const from = nodeBehind(passage.from);
    const to = nodeAt(passage.to.place);
    if (from === null || to === null || (from.kind === to.kind && from.name === to.name)) continue;
    edges.set(JSON.stringify([from.kind, from.name, to.kind, to.name]), { from, to, secret });
  }
  return [...edges.values()];
}

/** What stands for several places is passed over. */
function nodeBehind(arrival: Arrival): FlowNode | null {
  for (let at: Arrival | null = arrival; at !== null; at = at.from) {
    const node = nodeAt(at.place);
    if (node !== null) return node;
  }
  return null;
}

function nodeAt({ kind, name, operation }: Place): FlowNode | null {
  if (operation !== null) return { kind: 'operation', name };
  if (name === '') return null;
  if (kind === 'variable' || kind === 'parameter' || kind === 'workflow-output') return { kind, name };
  return null;
}
