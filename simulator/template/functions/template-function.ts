import type { Scope } from '../scope.js';
import { Unresolved } from '../unresolved.js';
import { compactText } from '../value-text.js';
import { ExactNumber, typeOf, type Value } from '../value.js';

export interface TemplateFunction {
  /** How many arguments it takes: a call with fewer or more is one that ARM refuses. */
  readonly min: number;
  readonly max: number;
  readonly run: (args: readonly Value[], scope: Scope) => Value;
}

/** By name as Microsoft writes it; calls are in any case. */
export type FunctionTable = Readonly<Record<string, TemplateFunction>>;

export function takes(min: number, max: number, run: TemplateFunction['run']): TemplateFunction {
  return { min, max, run };
}

function misfit(value: Value | undefined, wanted: string): never {
  throw new Unresolved(
    `${value === undefined ? 'nothing' : typeOf(value)} stands where ${wanted} is expected`,
  );
}

export function asText(value: Value | undefined): string {
  return typeof value === 'string' ? value : misfit(value, 'a string');
}

export function asInteger(value: Value | undefined): number {
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : misfit(value, 'a whole number');
}

export function asBoolean(value: Value | undefined): boolean {
  return typeof value === 'boolean' ? value : misfit(value, 'a boolean');
}

export function asArray(value: Value | undefined): Value[] {
  return Array.isArray(value) ? value : misfit(value, 'an array');
}

export function asObject(value: Value | undefined): Map<string, Value> {
  return value instanceof Map ? value : misfit(value, 'an object');
}

/** How ARM, which is .NET, writes a value into a string. */
export function display(value: Value | undefined): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'number') return String(value);
  return value instanceof ExactNumber ? value.text : compactText(value);
}
