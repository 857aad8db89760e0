import { pointerKeys, pointerTo } from '../types/apply-edits.js';
import { getIgnoringCase, type Json } from '../types/json.js';
import { evaluateText, type As } from './evaluate.js';
import { referredTo } from './referred-to.js';
import { membersOf, takeStep, type Placed, type Scope, type Written } from './scope.js';

/** What was put in the place of an expression. */
export interface Substitution {
  /** Whether the value stands there itself, elsewhere in the file, or nowhere: an expression makes it. */
  readonly from: 'here' | 'nowhere' | { readonly pointer: string };
  readonly isKnown: boolean;
  /** The parameters whose default it is. */
  readonly defaults: readonly string[];
  readonly secrets: readonly string[];
}

/** A part of a template as it is deployed, and where in the file what is in it stands. */
export interface Materialised {
  readonly json: Json;
  /** By the pointer within `json`. */
  readonly substitutions: ReadonlyMap<string, Substitution>;
  /** Where `json` itself stands in the file. */
  readonly pointer: string;
}

const MAX_DEPTH = 256;

interface Work {
  readonly substitutions: Map<string, Substitution>;
  readonly asAt: (pointer: string) => As;
}

/**
 * The value with its expressions evaluated. `asAt` tells where a name is to stand in for what is not known. Without a
 * scope, as for what is no template, nothing in it is an expression.
 */
export function materialise(
  written: Written | (Placed & { readonly scope: null }),
  asAt: (pointer: string) => As = () => 'value',
): Materialised {
  const { json, pointer, scope } = written;
  const substitutions = new Map<string, Substitution>();
  if (scope === null) return { json, pointer, substitutions };
  const work: Work = { substitutions, asAt };
  return { json: visit(json, '', scope, work, 0), pointer, substitutions };
}

function visit(json: Json, at: string, scope: Scope, work: Work, depth: number): Json {
  if (typeof json === 'string') return text(json, at, scope, work, depth);
  if (typeof json !== 'object' || json === null) return json;
  takeStep(scope);
  if (depth > MAX_DEPTH) return null;
  if (Array.isArray(json)) {
    return (json as readonly Json[]).map((item, i) => visit(item, `${at}/${i}`, scope, work, depth + 1));
  }
  const members = membersOf(json).map(
    ([key, member]) => [key, visit(member, pointerTo(at, key), scope, work, depth + 1)] as const,
  );
  return Object.fromEntries([...members, ...loopsOf(json, at, scope, work, depth)]);
}

/** What the loops of an object make in it: of each list one member, which stands for all. */
function loopsOf(
  json: Json,
  at: string,
  scope: Scope,
  work: Work,
  depth: number,
): readonly (readonly [string, Json])[] {
  const copy = membersOf(json).find(([key]) => key === 'copy')?.[1];
  if (!Array.isArray(copy)) return [];
  return (copy as readonly Json[]).flatMap((loop) => {
    const [name, input] = [getIgnoringCase(loop, 'name'), getIgnoringCase(loop, 'input')];
    if (typeof name !== 'string' || input === undefined) return [];
    const list = pointerTo(at, name);
    work.substitutions.set(list, { from: 'nowhere', isKnown: true, defaults: [], secrets: [] });
    return [[name, [visit(input, `${list}/0`, scope, work, depth + 1)]] as const];
  });
}

function text(json: string, at: string, scope: Scope, work: Work, depth: number): Json {
  const as = work.asAt(at);
  const target = as === 'value' && depth < MAX_DEPTH ? referredTo(json, scope) : null;
  if (target !== null) {
    const defaults = target.default === null ? [] : [target.default];
    const own: Substitution = { from: { pointer: target.pointer }, isKnown: true, defaults, secrets: [] };
    work.substitutions.set(at, own);
    const value = visit(target.json, at, target.scope, work, depth + 1);
    const inner = work.substitutions.get(at) ?? own;
    // Another expression may stand there: what that comes to also rests on this default.
    work.substitutions.set(at, { ...inner, defaults: [...new Set([...inner.defaults, ...defaults])] });
    return value;
  }
  const { value, isKnown, defaults, secrets } = evaluateText(json, scope, as);
  // `[[` for `[` is the text that stands there.
  if (value !== json)
    work.substitutions.set(at, {
      from: typeof value === 'string' && json === `[${value}` ? 'here' : 'nowhere',
      isKnown,
      defaults,
      secrets,
    });
  return value;
}

/** Where in the file something of a materialised value stands: what can be said of a place, and what can be done there. */
export interface Origin {
  /** JSON pointer from the file's root; null where what is there is made by an expression. */
  readonly pointer: string | null;
  /** The nearest place in the file that says something of it. */
  readonly nearest: string;
  readonly isKnown: boolean;
  readonly defaults: readonly string[];
}

export function originOf({ pointer, substitutions }: Materialised, within: string): Origin {
  let at = '';
  let origin = substituted({ pointer, nearest: pointer, isKnown: true, defaults: [] }, substitutions.get(at));
  for (const key of pointerKeys(within)) {
    at = pointerTo(at, key);
    const place = origin.pointer === null ? null : pointerTo(origin.pointer, key);
    origin = substituted(
      { ...origin, pointer: place, nearest: place ?? origin.nearest },
      substitutions.get(at),
    );
  }
  return origin;
}

function substituted(origin: Origin, substitution: Substitution | undefined): Origin {
  if (substitution === undefined) return origin;
  const { from } = substitution;
  const isKnown = origin.isKnown && substitution.isKnown;
  const defaults = [...new Set([...origin.defaults, ...substitution.defaults])];
  if (from === 'here') return { ...origin, isKnown, defaults };
  if (from === 'nowhere') return { ...origin, pointer: null, isKnown, defaults };
  return { pointer: from.pointer, nearest: from.pointer, isKnown, defaults };
}
