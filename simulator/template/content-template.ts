import type { Node } from 'jsonc-parser';
import { deployTemplate } from './deploy-template.js';
import { memberAt } from './json-node.js';
import { reportUnresolved } from './load.js';
import { readJson } from './read-json.js';
import type { Place, Scope } from './scope.js';
import { spliceText } from './splice-text.js';
import { createScope } from './template-scope.js';

/** A resource that holds a template for somebody to deploy later: a template spec, or a Sentinel solution's content. */
export function isContentTemplate(type: string | null): boolean {
  const lower = type?.toLowerCase() ?? '';
  return lower === 'microsoft.resources/templatespecs/versions' || lower.endsWith('/contenttemplates');
}

/**
 * Deploys the template that the resource holds, as if somebody had taken it from the gallery. It reaches
 * the gallery as this template's text with this template's expressions evaluated, which is also what turns
 * `[[` into `[`; what is an expression then, is one of its own.
 */
export function deployContentTemplate(node: Node, pointer: string, scope: Scope, target: Place): void {
  const { load } = scope;
  const content = memberAt(node, 'properties', 'mainTemplate');
  const at = `${pointer}/properties/mainTemplate`;
  const { text, root } = readJson(content === undefined ? 'null' : spliceText(content, at, scope));
  if (root.type !== 'object') {
    reportUnresolved(load, at, text, 'there is no template here, so what it deploys is left out');
    return;
  }
  load.budget.spend(30 * load.unresolved.size);
  const left = [...load.unresolved.values()].filter((each) => each.pointer.startsWith(`${at}/`));
  const frozen = new Map([...scope.frozen, ...left.map(({ pointer: where, why }) => [where, why] as const)]);
  const place = { ...target, deploymentName: null };
  const inner = createScope({ node: root, pointer: at, text, place, given: load.given, frozen }, load);
  deployTemplate(root, at, inner, target);
}
