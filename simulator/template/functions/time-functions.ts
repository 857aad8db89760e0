import type { Scope } from '../scope.js';
import { Unresolved } from '../unresolved.js';
import { asText, takes, type FunctionTable } from './template-function.js';

/** The parts of .NET's custom formats that templates use; the time is given, not read. */
function utcNow({ load }: Scope, format: string): string {
  if (load.options.now === undefined) throw new Unresolved('utcNow() depends on the time of the deployment');
  const digits = load.options.now.toISOString();
  const parts = new Map([
    ['yyyy', digits.slice(0, 4)],
    ['MM', digits.slice(5, 7)],
    ['dd', digits.slice(8, 10)],
    ['HH', digits.slice(11, 13)],
    ['mm', digits.slice(14, 16)],
    ['ss', digits.slice(17, 19)],
    ['T', 'T'],
    ['Z', 'Z'],
  ]);
  return format.replaceAll(/([A-Za-z])\1*/g, (run) => {
    const part = parts.get(run);
    if (part === undefined) throw new Unresolved(`utcNow() with the format '${format}' is not known here`);
    return part;
  });
}

export const timeFunctions: FunctionTable = {
  utcNow: takes(0, 1, ([format], scope) => utcNow(scope, asText(format ?? 'yyyyMMddTHHmmssZ'))),
};
