import type { FlowLeak, FlowMap, FlowMapNode } from '../../workflow/flow/flow-map.js';
import { visibly } from '../../log-line.js';
import { indented } from '../output/report.js';
import { table } from '../output/table.js';
import type { Output } from '../output/terminal.js';

/** Where the workflow is: what would mend it differs. */
export type Place = 'azure' | 'file';

/** The way of every secret through a workflow, for people: where it comes from, where it goes, where it can be seen. */
export function explainReport(name: string, flow: FlowMap, place: Place, out: Output): string {
  const title = `${out.style('bold', visibly(name))}\n`;
  if (flow.secrets.length === 0) return `${title}No secret comes into it.\n`;
  const labels = new Map(flow.secrets.map(({ id }, i) => [id, `[${i + 1}]`]));
  const marked = (ids: readonly string[]): string => ids.map((id) => labels.get(id) ?? '').join(' ');
  const names = new Map(flow.nodes.map((node) => [node.id, nodeText(node)]));
  const secrets = flow.secrets.map(({ id, description }) => [labels.get(id) ?? '', description]);
  const ways = flow.edges.map(({ from, to, secrets: on }) => [
    marked(on),
    `${names.get(from) ?? from} → ${names.get(to) ?? to}`,
  ]);
  const leaks = leaksOf(flow).map(({ node, leak }) => [
    nodeText(node),
    WHERE[leak.where],
    marked(leak.secrets),
    adviceOn(leak, flow, place),
  ]);
  const columns = out.columns - 2;
  return [
    title,
    section('Secrets', table(['', 'comes from'], secrets, columns)),
    ways.length === 0 ? '' : section('Ways', table(['', 'from → to'], ways, columns)),
    leaks.length === 0
      ? 'Nobody who may look at its runs, or who calls it, gets to see one.\n'
      : section('Seen', table(['at', 'in', '', 'what to do'], leaks, columns)),
  ].join('');
}

export interface Leak {
  readonly node: FlowMapNode;
  readonly leak: FlowLeak;
}

export function leaksOf({ nodes }: FlowMap): readonly Leak[] {
  return nodes.flatMap((node) => node.leaks.map((leak) => ({ node, leak })));
}

function section(title: string, text: string): string {
  return `\n${title}\n${indented(text)}`;
}

const KINDS: Readonly<Partial<Record<FlowMapNode['kind'], string>>> = {
  caller: '',
  'workflow-output': 'output ',
};

function nodeText({ kind, name, type }: FlowMapNode): string {
  return `${KINDS[kind] ?? `${kind} `}${name}${type === null ? '' : ` (${type})`}`;
}

const WHERE: Readonly<Record<FlowLeak['where'], string>> = {
  inputs: 'inputs of every run',
  outputs: 'outputs of every run',
  'tracked-properties': 'tracked properties, in the logs',
  response: 'the answer to whoever calls',
  'workflow-output': 'outputs of every run',
};

function adviceOn({ where, canBeHidden }: FlowLeak, { obstacle }: FlowMap, place: Place): string {
  if (canBeHidden) {
    if (place === 'file') return `Turn on secure ${where}: holdfast check --fix does.`;
    return `Turn on secure ${where}${obstacle === null ? ': holdfast fix does.' : `, by hand. ${obstacle}`}`;
  }
  switch (where) {
    case 'response':
      return 'Let the caller read the secret from the vault itself.';
    case 'tracked-properties':
      return 'Take the secret out of them.';
    case 'workflow-output':
      return "Take it out of the workflow's outputs.";
    case 'inputs':
    case 'outputs':
      return 'No setting hides it: give the secret to an action that can hide it instead.';
  }
}
