import type { Json, JsonObject } from '../../../src/types/json.js';

/** A small part of the workflow definition language, as data: it can be printed, and it can be run. */
export type Expr =
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'take'; readonly from: Origin; readonly path: readonly (string | number)[] }
  | { readonly kind: 'call'; readonly name: FunctionName; readonly args: readonly Expr[] };

export type Origin =
  | { readonly kind: 'body' | 'outputs' | 'actions'; readonly name: Expr }
  | { readonly kind: 'variables' | 'items' | 'result' | 'parameters'; readonly name: Expr }
  | { readonly kind: 'item' | 'triggerBody' };

export type FunctionName =
  | 'concat'
  | 'base64'
  | 'toUpper'
  | 'string'
  | 'coalesce'
  | 'createArray'
  | 'first'
  | 'uriComponent'
  | 'if'
  | 'equals'
  | 'length'
  | 'empty'
  | 'setProperty';

/** A value of the definition: one expression, a text with expressions in it, or a structure of such. */
export type Template =
  | { readonly kind: 'expression'; readonly expr: Expr }
  | { readonly kind: 'interpolation'; readonly parts: readonly (string | Expr)[] }
  | { readonly kind: 'object'; readonly members: Readonly<Record<string, Template>> }
  | { readonly kind: 'array'; readonly items: readonly Template[] };

export type ModelAction = { readonly name: string } & (
  | { readonly kind: 'getSecret' }
  | { readonly kind: 'compose' | 'parseJson' | 'http' | 'response' | 'terminate'; readonly input: Template }
  | { readonly kind: 'select' | 'query'; readonly from: Template; readonly each: Template }
  | { readonly kind: 'initialize' | 'set' | 'append'; readonly variable: string; readonly input: Template }
  | {
      readonly kind: 'code';
      readonly of: string;
      readonly part: 'inputs' | 'outputs';
      readonly style: number;
    }
  | { readonly kind: 'scope'; readonly actions: readonly ModelAction[] }
  | { readonly kind: 'foreach'; readonly over: Template; readonly actions: readonly ModelAction[] }
  | {
      readonly kind: 'if' | 'switch';
      readonly on: Template;
      readonly actions: readonly ModelAction[];
      readonly others: readonly ModelAction[];
    }
);

export function textOf(expr: Expr): string {
  switch (expr.kind) {
    case 'text':
      return `'${expr.value.replaceAll("'", "''")}'`;
    case 'call':
      return `${expr.name}(${expr.args.map(textOf).join(', ')})`;
    case 'take': {
      const { from, path } = expr;
      const start = 'name' in from ? `${from.kind}(${textOf(from.name)})` : `${from.kind}()`;
      return start + path.map((step) => `?[${typeof step === 'number' ? step : `'${step}'`}]`).join('');
    }
  }
}

export function print(template: Template): Json {
  switch (template.kind) {
    case 'expression':
      return `@${textOf(template.expr)}`;
    case 'interpolation':
      return template.parts.map((part) => (typeof part === 'string' ? part : `@{${textOf(part)}}`)).join('');
    case 'array':
      return template.items.map(print);
    case 'object':
      return Object.fromEntries(Object.entries(template.members).map(([key, value]) => [key, print(value)]));
  }
}

/** The texts that a JavaScript Code action may spell the same with. */
export function codeOf({ of, part, style }: Extract<ModelAction, { kind: 'code' }>): string {
  const spellings = [
    `return workflowContext.actions['${of}'].${part};`,
    `return workflowContext["actions"]?.["${of}"]["${part}"]`,
    `const run = workflowContext; return run.actions['${of}'].${part};`,
    `const { actions } = workflowContext; return actions['${of}'].${part};`,
  ];
  return spellings[style % spellings.length] ?? '';
}

export function actionsJson(actions: readonly ModelAction[]): JsonObject {
  return Object.fromEntries(actions.map((action) => [action.name, actionJson(action)]));
}

function actionJson(action: ModelAction): JsonObject {
  switch (action.kind) {
    case 'getSecret':
      return {
        type: 'ApiConnection',
        inputs: {
          host: { connection: { name: "@parameters('$connections')['keyvault']['connectionId']" } },
          method: 'get',
          path: "/secrets/@{encodeURIComponent('key')}/value",
        },
      };
    case 'compose':
      return { type: 'Compose', inputs: print(action.input) };
    case 'parseJson':
      return { type: 'ParseJson', inputs: { content: print(action.input), schema: {} } };
    case 'http':
      return {
        type: 'Http',
        inputs: { method: 'POST', uri: 'https://example.org', body: print(action.input) },
      };
    case 'response':
      return { type: 'Response', inputs: { statusCode: 200, body: print(action.input) } };
    case 'terminate':
      return {
        type: 'Terminate',
        inputs: { runStatus: 'Failed', runError: { message: print(action.input) } },
      };
    case 'select':
      return { type: 'Select', inputs: { from: print(action.from), select: print(action.each) } };
    case 'query':
      return { type: 'Query', inputs: { from: print(action.from), where: print(action.each) } };
    case 'initialize':
      return {
        type: 'InitializeVariable',
        inputs: { variables: [{ name: action.variable, type: 'string', value: print(action.input) }] },
      };
    case 'set':
    case 'append':
      return {
        type: action.kind === 'set' ? 'SetVariable' : 'AppendToArrayVariable',
        inputs: { name: action.variable, value: print(action.input) },
      };
    case 'code':
      return { type: 'JavaScriptCode', inputs: { code: codeOf(action) } };
    case 'scope':
      return { type: 'Scope', actions: actionsJson(action.actions) };
    case 'foreach':
      return { type: 'Foreach', foreach: print(action.over), actions: actionsJson(action.actions) };
    case 'if':
      return {
        type: 'If',
        expression: { and: [{ equals: [print(action.on), 'x'] }] },
        actions: actionsJson(action.actions),
        else: { actions: actionsJson(action.others) },
      };
    case 'switch':
      return {
        type: 'Switch',
        expression: print(action.on),
        cases: { one: { case: 'x', actions: actionsJson(action.actions) } },
        default: { actions: actionsJson(action.others) },
      };
  }
}
