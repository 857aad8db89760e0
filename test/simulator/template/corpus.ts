import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { findNodeAtLocation, type Node } from 'jsonc-parser';
import { loadTemplate } from '../../../simulator/template/load-template.js';
import type { LoadedResource, LoadedTemplate } from '../../../simulator/template/loaded-template.js';
import { options } from './load.js';

const corpus = resolve('../shared/corpus');
export const isHere = existsSync(corpus);
export const files = isHere ? readdirSync(corpus).filter((name) => name.endsWith('.json')) : [];
export const readCorpus = (file: string) => readFileSync(join(corpus, file), 'utf8');

/** As a person would deploy it: the workspace of a solution is chosen in the portal. */
export function loadFile(file: string): LoadedTemplate {
  const parameters = { workspace: 'soc-ws', 'workspace-location': 'westeurope' };
  return loadTemplate(readCorpus(file), { ...options, parameters, fillMissingParameters: true });
}

export const isWorkflow = ({ type }: LoadedResource) => type.toLowerCase() === 'microsoft.logic/workflows';

/** Where the definitions stand in a file, in order: those of a package are in templates inside the template. */
export function definitionsIn(node: Node): Node[] {
  const type: unknown = findNodeAtLocation(node, ['type'])?.value;
  const definition = findNodeAtLocation(node, ['properties', 'definition']);
  if (type === 'Microsoft.Logic/workflows' && definition !== undefined) return [definition];
  return (node.children ?? []).flatMap(definitionsIn);
}

const textOf = (text: string, { offset, length }: Node) => text.slice(offset, offset + length);

/** A node's text in pieces: white space, signs and values, but for expressions, which become null. */
export function pieces(
  node: Node,
  text: string,
  isBlank: (piece: string, index: number) => boolean,
): (string | null)[] {
  const found: (string | null)[] = [];
  const add = (piece: string) => found.push(piece);
  const visit = (each: Node) => {
    const whole = textOf(text, each);
    if (isBlank(whole, found.length)) {
      found.push(null);
      return;
    }
    const children = each.children ?? [];
    let at = each.offset;
    for (const child of children) {
      add(text.slice(at, child.offset));
      visit(child);
      at = child.offset + child.length;
    }
    add(text.slice(at, each.offset + each.length));
  };
  visit(node);
  return found;
}

interface Action {
  readonly inputs?: { readonly host?: { readonly connection?: { readonly name?: unknown } } };
}

/** The keys of $connections that Key Vault actions name, at any depth. */
export function keyVaultKeys(part: unknown): string[] {
  if (part === null || typeof part !== 'object') return [];
  const name = (part as Action).inputs?.host?.connection?.name;
  const key = typeof name === 'string' ? /'\$connections'\)\['(\w+)'\]/.exec(name)?.[1] : undefined;
  const own = key !== undefined && /^keyvault/i.test(key) ? [key] : [];
  return [...own, ...Object.values(part).flatMap(keyVaultKeys)];
}

export interface Workflow {
  readonly properties: {
    readonly definition: unknown;
    readonly parameters?: {
      $connections?: { value?: Record<string, { connectionId: string; id: string } | undefined> };
    };
  };
}

export interface Connection {
  readonly properties: { readonly api: { readonly id: string } };
}

export const parse = ({ text }: LoadedResource): unknown => JSON.parse(text);
