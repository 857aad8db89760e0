import { isJsonObject, type Json } from '../../../src/types/json.js';
import type { Expr, ModelAction, Origin, Template } from './model.js';

/** What one action was given and gave back, in every round and iteration. */
export interface Observed {
  readonly inputs: Json[];
  readonly outputs: Json[];
}

interface State {
  readonly secret: string;
  readonly names: ReadonlyMap<string, ModelAction>;
  readonly last: Map<string, { readonly inputs: Json; readonly outputs: Json }>;
  readonly variables: Map<string, Json>;
  readonly items: Map<string, Json>;
  readonly observed: Map<string, Observed>;
  /** Reader and action, where the reader plainly uses the action's outputs. */
  readonly uses: Set<string>;
  readonly around: Json[];
  reader: string;
}

/** A value grows with every round; past this it is cut. */
const MAX_TEXT = 20_000;

/** Several rounds, each of every branch, so that what comes later in the definition also comes before. */
export function run(actions: readonly ModelAction[], secret: string, rounds = 3) {
  const names = new Map(allOf(actions).map((action) => [action.name.toLowerCase(), action]));
  const state: State = {
    secret,
    names,
    last: new Map(),
    variables: new Map(),
    items: new Map(),
    observed: new Map(),
    uses: new Set(),
    around: [],
    reader: '',
  };
  for (let round = 0; round < rounds; round += 1) runAll(actions, state);
  return { observed: state.observed, uses: state.uses };
}

export function allOf(actions: readonly ModelAction[]): readonly ModelAction[] {
  return actions.flatMap((action) => [
    action,
    ...('actions' in action ? allOf(action.actions) : []),
    ...('others' in action ? allOf(action.others) : []),
  ]);
}

function runAll(actions: readonly ModelAction[], state: State): void {
  for (const action of actions) {
    state.reader = action.name;
    const [inputs, outputs] = runOne(action, state).map(cut) as [Json, Json];
    state.last.set(action.name.toLowerCase(), { inputs, outputs });
    const seen = state.observed.get(action.name) ?? { inputs: [], outputs: [] };
    seen.inputs.push(inputs);
    seen.outputs.push(outputs);
    state.observed.set(action.name, seen);
  }
}

function runOne(action: ModelAction, state: State): readonly [Json, Json] {
  switch (action.kind) {
    case 'getSecret':
      return [
        { path: '/secrets/key/value' },
        { statusCode: 200, headers: {}, body: { value: state.secret, name: 'key', contentType: null } },
      ];
    case 'compose': {
      const value = evaluate(action.input, state);
      return [value, value];
    }
    case 'parseJson': {
      const content = evaluate(action.input, state);
      return [{ content }, { body: content }];
    }
    case 'http':
      return [
        { body: evaluate(action.input, state) },
        { statusCode: 200, headers: {}, body: { value: 'ok' } },
      ];
    case 'response': {
      const body = evaluate(action.input, state);
      return [{ body }, { body }];
    }
    case 'terminate':
      return [{ message: evaluate(action.input, state) }, null];
    case 'select':
    case 'query': {
      const from = evaluate(action.from, state);
      const each = listOf(from).map((item) => within(item, state, () => evaluate(action.each, state)));
      const kept = action.kind === 'select' ? each : listOf(from).filter((_, i) => each[i] !== false);
      return [action.kind === 'select' ? { from, select: each } : { from, where: each }, { body: kept }];
    }
    case 'initialize':
    case 'set':
    case 'append': {
      const value = evaluate(action.input, state);
      const before = state.variables.get(action.variable);
      state.variables.set(
        action.variable,
        action.kind === 'append' ? [...listOf(before ?? null), value] : value,
      );
      return [{ name: action.variable, value }, { body: { value } }];
    }
    case 'code': {
      const part = state.last.get(action.of.toLowerCase())?.[action.part] ?? null;
      return [{ given: part }, { body: part }];
    }
    case 'scope':
      runAll(action.actions, state);
      return [null, null];
    case 'foreach': {
      const over = evaluate(action.over, state);
      for (const item of listOf(over)) {
        state.items.set(action.name.toLowerCase(), item);
        within(item, state, () => {
          runAll(action.actions, state);
          return null;
        });
      }
      return [over, resultsOf(action.actions, state)];
    }
    case 'if':
    case 'switch': {
      const on = evaluate(action.on, state);
      runAll(action.actions, state);
      runAll(action.others, state);
      return [on, action.kind === 'if'];
    }
  }
}

function within(item: Json, state: State, work: () => Json): Json {
  state.around.push(item);
  const value = work();
  state.around.pop();
  return value;
}

function resultsOf(actions: readonly ModelAction[], state: State): Json {
  return actions.map(({ name }) => ({ name, ...state.last.get(name.toLowerCase()) }));
}

function evaluate(template: Template, state: State): Json {
  switch (template.kind) {
    case 'expression':
      return cut(valueOf(template.expr, state));
    case 'interpolation':
      return cut(
        template.parts
          .map((part) => (typeof part === 'string' ? part : asText(valueOf(part, state))))
          .join(''),
      );
    case 'array':
      return template.items.map((item) => evaluate(item, state));
    case 'object':
      return Object.fromEntries(
        Object.entries(template.members).map(([key, member]) => [key, evaluate(member, state)]),
      );
  }
}

function valueOf(expr: Expr, state: State): Json {
  switch (expr.kind) {
    case 'text':
      return expr.value;
    case 'call':
      return call(
        expr.name,
        expr.args.map((arg) => valueOf(arg, state)),
      );
    case 'take': {
      const value = expr.path.reduce<Json>(memberOf, originOf(expr.from, state));
      const { from } = expr;
      if ((from.kind === 'body' || from.kind === 'outputs') && from.name.kind === 'text') {
        state.uses.add(JSON.stringify([state.reader, from.name.value.toLowerCase()]));
      }
      return value;
    }
  }
}

function originOf(origin: Origin, state: State): Json {
  if (!('name' in origin))
    return origin.kind === 'item' ? (state.around.at(-1) ?? null) : { a: 'from outside' };
  const name = asText(valueOf(origin.name, state)).toLowerCase();
  const last = state.last.get(name);
  switch (origin.kind) {
    case 'body':
      return memberOf(last?.outputs ?? null, 'body');
    case 'outputs':
      return last?.outputs ?? null;
    case 'actions':
      return last === undefined ? null : { name, ...last };
    case 'variables':
      return state.variables.get(name) ?? null;
    case 'items':
      return state.items.get(name) ?? null;
    case 'parameters':
      return 'a parameter';
    case 'result': {
      const scope = state.names.get(name);
      return scope !== undefined && 'actions' in scope ? resultsOf(scope.actions, state) : null;
    }
  }
}

function call(name: Extract<Expr, { kind: 'call' }>['name'], args: readonly Json[]): Json {
  const [a = null, b = null, c = null] = args;
  switch (name) {
    case 'concat':
      return args.map(asText).join('');
    case 'base64':
      return Buffer.from(asText(a)).toString('base64');
    case 'toUpper':
      return asText(a).toUpperCase();
    case 'string':
      return asText(a);
    case 'uriComponent':
      return encodeURIComponent(asText(a));
    case 'coalesce':
      return args.find((arg) => arg !== null) ?? null;
    case 'createArray':
      return args;
    case 'first':
      return listOf(a)[0] ?? null;
    case 'if':
      return a === true ? b : c;
    case 'equals':
      return JSON.stringify(a) === JSON.stringify(b);
    case 'length':
      return asText(a).length;
    case 'empty':
      return asText(a) === '';
    case 'setProperty':
      return { ...(isJsonObject(a) ? a : {}), [asText(b)]: c };
  }
}

function memberOf(value: Json, step: string | number): Json {
  if (Array.isArray(value))
    return typeof step === 'number' ? ((value[step] as Json | undefined) ?? null) : null;
  return isJsonObject(value) && typeof step === 'string' && Object.hasOwn(value, step)
    ? (value[step] ?? null)
    : null;
}

function listOf(value: Json): readonly Json[] {
  if (Array.isArray(value)) return value as readonly Json[];
  return value === null ? [] : [value];
}

function asText(value: Json): string {
  if (value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function cut(value: Json): Json {
  return JSON.stringify(value).length > MAX_TEXT ? null : value;
}
