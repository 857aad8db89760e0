import type { Node } from 'jsonc-parser';
import { evaluateExpression } from '../template/expression/evaluate-expression.js';
import type { Expression } from '../template/expression/expression.js';
import { parseExpression } from '../template/expression/parse-expression.js';
import { memberAt } from '../template/json-node.js';
import { Unresolved } from '../template/unresolved.js';
import type { PlannedResource } from './planned-resource.js';

/**
 * The names by which a resource's `reference()` calls other ones: only by name, and not by id, is it told to wait.
 * https://learn.microsoft.com/azure/azure-resource-manager/templates/resource-dependency#reference-and-list-functions
 */
export function namesReferredTo({ node, nested, scope }: PlannedResource): readonly string[] {
  const inner = nested === null ? undefined : memberAt(node, 'properties', 'template');
  return textsIn(node, inner).flatMap((text) => {
    if (!text.startsWith('[') || text.startsWith('[[') || !text.endsWith(']')) return [];
    const parsed = parseExpression(text.slice(1, -1));
    if (parsed.kind === 'problem') return [];
    return referencesIn(parsed.expression).flatMap((target) => {
      try {
        const value = evaluateExpression(target, scope);
        return typeof value === 'string' && !value.startsWith('/') ? [value] : [];
      } catch (error) {
        // It is met again, and told of, when the resource is deployed.
        if (error instanceof Unresolved) return [];
        throw error;
      }
    });
  });
}

function textsIn(node: Node, leftOut: Node | undefined): readonly string[] {
  if (node === leftOut) return [];
  if (node.type === 'string') return [String(node.value)];
  return (node.children ?? []).flatMap((child) => textsIn(child, leftOut));
}

function referencesIn(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case 'literal':
      return [];
    case 'member':
      return [expression.of, expression.key].flatMap(referencesIn);
    case 'call': {
      const [target] = expression.args;
      const isReference = expression.name.toLowerCase() === 'reference' && target !== undefined;
      return [...(isReference ? [target] : []), ...expression.args.flatMap(referencesIn)];
    }
  }
}
