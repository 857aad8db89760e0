import { describe, expect, test } from 'vitest';
import { referencesInCode } from '../../../src/workflow/flow/code-references.js';

function short(code: string): readonly string[] {
  return referencesInCode(code).map((reference) => {
    const name = 'name' in reference ? `:${reference.name ?? '?'}` : '';
    return `${reference.kind}${name}${'part' in reference ? `.${reference.part}` : ''}`;
  });
}

describe('referencesInCode', () => {
  const rows: readonly (readonly [string, string, readonly string[]])[] = [
    ['nothing', 'return 1;', []],
    ['the name of the workflow', 'return workflowContext.workflow.name;', []],
    ['an action', 'return workflowContext.actions.A.outputs.body;', ['operation:A.outputs']],
    ['its inputs', "return workflowContext.actions.A['inputs']", ['operation:A.inputs']],
    ['all of it', 'JSON.stringify(workflowContext.actions.A)', ['operation:A.both']],
    ['in brackets', `workflowContext['actions']["b c"]["outputs"]`, ['operation:b c.outputs']],
    ['in backticks', 'workflowContext[`actions`][`b c`].outputs', ['operation:b c.outputs']],
    ['optional', "workflowContext?.actions?.A?.['outputs']", ['operation:A.outputs']],
    ['over lines', 'workflowContext\n  .actions\n  .A\n  .outputs', ['operation:A.outputs']],
    ['the trigger', 'workflowContext.trigger.outputs.body', ['trigger.outputs']],
    [
      'several',
      'workflowContext.actions.A.outputs + workflowContext.trigger.inputs',
      ['operation:A.outputs', 'trigger.inputs'],
    ],
    ['under another name', 'const c = workflowContext; return c.actions.A;', ['everything']],
    ['taken apart', 'const { actions } = workflowContext;', ['everything']],
    ['all actions', 'Object.values(workflowContext.actions)', ['everything']],
    ['an action by a variable', 'workflowContext.actions[name]', ['everything']],
    ['a name that is put together', "workflowContext.actions['A' + x]", ['everything']],
    ['a template with something in it', 'workflowContext.actions[`A${x}`]', ['everything']],
    ['a comment between', 'workflowContext/* x */.actions.A', ['everything']],
    ['an escaped name', "workflowContext.actions['\\u0041']", ['everything']],
    ['something unknown of the context', 'workflowContext.future.A', ['everything']],
    ['eval', 'eval("workflow" + "Context")', ['everything']],
    ['this', 'return this["workflow" + "Context"]', ['everything']],
  ];
  test.each(rows)('%s', (_, code, expected) => {
    expect(short(code)).toEqual(expected);
  });
});
