import { pointerKeys, valueAt } from '../types/apply-edits.js';
import type { Edit } from '../types/edit.js';
import type { Json } from '../types/json.js';
import { originOf } from './materialise.js';
import type { Parameter } from './scope.js';
import type { Subject } from './subject.js';

export interface FileEdits {
  readonly edits: readonly Edit[];
  readonly warnings: readonly string[];
}

/**
 * Edits of a resource as edits of the file that it is deployed from, or why they cannot be made there. What stands in a
 * variable or in the default of a parameter is changed where it stands, if nothing else uses it.
 */
export function fileEditsOf(edits: readonly Edit[], subject: Subject, text: string): FileEdits | string {
  const moved: Edit[] = [];
  const warnings = new Set<string>();
  for (const edit of edits) {
    const { pointer, defaults } = originOf(subject.from, edit.path);
    if (pointer === null) return 'An expression makes the value that would have to change';
    const named = namedBy(pointer);
    const isElsewhere = pointer !== subject.from.pointer && !pointer.startsWith(`${subject.from.pointer}/`);
    if (isElsewhere && named !== null) {
      const users = edits.filter((other) =>
        isUnder(originOf(subject.from, other.path).pointer, named.pointer),
      );
      if (usesOf(named, text) > users.length)
        return `The value that would have to change is ${named.what}, which other places use, too`;
    }
    const [name] = defaults;
    if (name !== undefined) {
      const parameter = subject.scope?.parameters.get(name.toLowerCase());
      const misfit = parameter === undefined ? 'it is not declared' : misfitOf(parameter, edit, subject);
      if (misfit !== null)
        return `The default of the parameter "${name}" cannot be changed to what it should be: ${misfit}`;
      warnings.add(
        `The default of the parameter "${name}" is changed; a deployment that gives it a value of its own is not mended by that.`,
      );
    }
    moved.push({ ...edit, path: pointer });
  }
  return { edits: moved, warnings: [...warnings] };
}

interface Named {
  readonly kind: 'parameters' | 'variables';
  readonly name: string;
  readonly pointer: string;
  readonly what: string;
}

/** The variable or parameter that a place in the file is a value of; null where it is of none. */
function namedBy(pointer: string): Named | null {
  const match = /^(.*\/(variables|parameters)\/[^/]+)(?:\/(?:defaultValue|value))?/i.exec(pointer);
  const [, at, kind] = match ?? [];
  const name = pointerKeys(at ?? '').at(-1);
  if (at === undefined || kind === undefined || name === undefined) return null;
  const isVariable = kind.toLowerCase() === 'variables';
  return {
    kind: isVariable ? 'variables' : 'parameters',
    name,
    pointer: at,
    what: `the ${isVariable ? 'variable' : 'parameter'} "${name}"`,
  };
}

function isUnder(pointer: string | null, parent: string): boolean {
  return pointer !== null && (pointer === parent || pointer.startsWith(`${parent}/`));
}

/** How often the file names it; one of the same name in another template counts too, to be safe. */
function usesOf({ kind, name }: Named, text: string): number {
  const wanted = `'${name.toLowerCase()}'`;
  const uses = text.toLowerCase().matchAll(new RegExp(`${kind}\\s*\\(\\s*('[^']*')`, 'g'));
  return [...uses].filter(([, used]) => used === wanted).length;
}

/** Why a parameter cannot have the value by default; null where it can. */
function misfitOf({ allowed, default: written }: Parameter, edit: Edit, subject: Subject): string | null {
  if (edit.op !== 'set') return 'it is a list';
  const before: Json | undefined = valueAt(subject.document, edit.path);
  if (written === undefined || typeof before !== typeof edit.after) return 'it is of another type';
  if (allowed !== null && !allowed.includes(edit.after)) return 'its allowedValues leave that out';
  return null;
}
