import { describe, expect, it, test } from 'vitest';
import { constantsOf } from '../../../src/workflow/constant.js';
import { operationsOf } from '../../../src/workflow/definition.js';
import { referencesIn, type Reference } from '../../../src/workflow/flow/references.js';
import { workflowOf } from '../workflow-of.js';

const workflow = workflowOf({
  declared: { name: { type: 'String', defaultValue: 'A' } },
  actions: {},
});
const constants = constantsOf(workflow, operationsOf(workflow));
const referencesOf = (text: string) => referencesIn(constants.parse(text), constants);

/** A reference in short, as in `operation:A.outputs/body x y`; `=` where it is the value itself, `!` where explicit. */
function short(reference: Reference): string {
  const { kind, steps, isIntact, isExplicit } = reference;
  const name = 'name' in reference ? `:${reference.name ?? '?'}` : '';
  const part = 'part' in reference ? `.${reference.part}/${reference.from}` : '';
  const text = 'text' in reference ? `:${reference.text}` : '';
  const marks = `${isIntact ? '=' : ''}${isExplicit ? '!' : ''}`;
  return [`${kind}${name}${part}${text}`, ...steps.map((step) => step ?? '?'), marks].join(' ').trim();
}

describe('referencesIn', () => {
  const rows: readonly (readonly [string, string, readonly string[]])[] = [
    ['a text without expressions', 'body', []],
    ['body()', "@body('A')", ['operation:A.outputs/body =!']],
    ['body() and a member', "@body('A')?['X'].y", ['operation:A.outputs/body x y =!']],
    ['an index', "@body('A')[0]?['x']", ['operation:A.outputs/body ? x =!']],
    ['outputs()', "@outputs('A')?['body']", ['operation:A.outputs/envelope body =!']],
    ['in any case', "@BODY('a')", ['operation:a.outputs/body =!']],
    [
      'a name that is put together is not explicit',
      "@body(concat('A', 'b'))",
      ['operation:Ab.outputs/body ='],
    ],
    ['a name in a parameter', "@body(parameters('name'))", ['operation:A.outputs/body =']],
    ['a name that is not known', '@body(item())', ['operation:?.outputs/body =']],
    ['the old names', "@actionBody('A')", ['operation:A.outputs/body =!']],
    ['parts of a form', "@formDataValue('A', 'x')", ['operation:A.outputs/body =!']],
    ['all of an action', "@actions('A')", ['operation:A.both/envelope']],
    ["an action's inputs", "@actions('A').inputs.x", ['operation:A.inputs/envelope x =']],
    ["an action's outputs", "@actions('A')?['outputs']?['body']", ['operation:A.outputs/envelope body =']],
    ['how an action ended', "@actions('A').status", []],
    ['the trigger', '@triggerBody()?.x', ['trigger.outputs/body x =!']],
    ['the trigger, old', "@trigger()['outputs'].body", ['trigger.outputs/envelope body =']],
    ['a variable', "@variables('V')?['x']", ['variable:V x =']],
    ['a parameter', "@parameters('p')", ['parameter:p =']],
    ['result()', "@result('S')", ['result:S =']],
    ['items() and item()', "@concat(items('L'), item())", ['items:L ?', 'item ?']],
    ['the action itself', '@action().outputs', ['action outputs =']],
    ['an interpolation', "x@{body('A')}y@{variables('V')}", ['operation:A.outputs/body !', 'variable:V']],
    ['a function of it', "@base64(body('A'))", ['operation:A.outputs/body ? !']],
    ['a member of what a function gives', "@first(body('A'))?['x']", ['operation:A.outputs/body ? x !']],
    ['json() gives back what it is given', "@json(body('A'))?['x']", ['operation:A.outputs/body x =!']],
    ['a function that is not known', "@futureThing(body('A'))", ['operation:A.outputs/body ? !']],
    [
      'a token that an XPath takes out of XML, by its name',
      "@xpath(xml(body('A')), 'string(//s:sessionId/text())')",
      ['operation:A.outputs/body ? sessionid !'],
    ],
    ['another XPath', "@xpath(xml(body('A')), '//id')", ['operation:A.outputs/body ? !']],
    ['true or false', "@equals(body('A'), 'x')", []],
    ['a number', "@length(body('A'))", []],
    ['if: each of its three', "@if(equals(body('A'), 1), body('B'), 'x')", ['operation:B.outputs/body ? !']],
    [
      'a key that is taken from something',
      "@body('A')[variables('V')]",
      ['operation:A.outputs/body ? =!', 'variable:V'],
    ],
    ['an expression that does not parse', "@body('A'", ["mention:@body('A'"]],
    ['part of a text does not parse', "x@{body('A'}", ["mention:@{body('A'}"]],
    ['an @ that is none', "@@body('A')", []],
  ];
  test.each(rows)('%s', (_, text, expected) => {
    expect(referencesOf(text).map(short)).toEqual(expected);
  });

  it('takes every argument of every call, however deep', () => {
    const text = `@${'concat('.repeat(100)}body('A')${", variables('V'))".repeat(100)}`;
    expect(new Set(referencesOf(text).map(({ kind }) => kind))).toEqual(new Set(['operation', 'variable']));
  });
});
