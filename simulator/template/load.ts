import { createBudget, type Budget } from './budget.js';
import type {
  AssumedParameter,
  LoadedResource,
  TemplateOptions,
  UnresolvedExpression,
} from './loaded-template.js';
import type { GivenParameters } from './parameters.js';
import { valueOfJson, type SourceText } from './value-text.js';

/** What one load gathers, across all the templates inside the template. */
export interface Load {
  readonly options: TemplateOptions;
  /** The caller's parameters, by name in lower case. */
  readonly given: GivenParameters;
  readonly budget: Budget;
  readonly resources: LoadedResource[];
  readonly assumed: AssumedParameter[];
  /** By pointer: a string that a copy loop meets a hundred times is told once. */
  readonly unresolved: Map<string, UnresolvedExpression>;
  readonly sourceText: SourceText;
  readonly rememberSource: (container: object, text: () => string) => void;
  /** How many GUIDs were made up so far. */
  newGuids: number;
}

export function createLoad(options: TemplateOptions): Load {
  const sources = new WeakMap<object, () => string>();
  return {
    options,
    given: new Map(
      Object.entries(options.parameters ?? {}).map(([name, value]) => [
        name.toLowerCase(),
        valueOfJson(value),
      ]),
    ),
    budget: createBudget(),
    resources: [],
    assumed: [],
    unresolved: new Map(),
    sourceText: (container) => sources.get(container)?.(),
    rememberSource: (container, text) => sources.set(container, text),
    newGuids: 0,
  };
}

export function reportUnresolved(load: Load, pointer: string, expression: string, why: string): void {
  if (!load.unresolved.has(pointer)) load.unresolved.set(pointer, { pointer, expression, why });
}
