import { describe, expect, it, test } from 'vitest';
import { constantsOf, type Constants } from '../../../src/workflow/constant.js';
import { operationsOf } from '../../../src/workflow/definition.js';
import { referencesIn } from '../../../src/workflow/flow/references.js';
import { takenBy } from '../../../src/workflow/flow/taken-by.js';
import { expressionOf } from '../../../src/workflow/known-expressions.js';
import { workflowOf } from '../workflow-of.js';

/** Of a workflow whose parameter `name` is this. */
function constantsWith(name: string): Constants {
  const workflow = workflowOf({ declared: { name: { type: 'String', defaultValue: name } }, actions: {} });
  return constantsOf(workflow, operationsOf(workflow));
}

describe('what an expression takes', () => {
  test.each([
    ['a name that is written', "@body('A')?['x']"],
    ['a name that is a parameter', "@body(parameters('name'))"],
    ['a member whose name is a parameter', "@body('A')?[parameters('name')]"],
    ['a name within another', "@outputs(concat('A', parameters('name')))"],
    ['a name that nobody knows', '@variables(item())'],
    ['nothing', "@utcNow('o')"],
  ])('is the same in each workflow that it would be read anew in: %s', (_, text) => {
    for (const name of ['B', 'C', 'B']) {
      const constants = constantsWith(name);
      const taken = takenBy(expressionOf(text), constants).map(({ reference }) => reference);
      expect(taken).toEqual(referencesIn(expressionOf(text), constants));
    }
  });

  it('is told from a text with what stands before it', () => {
    const taken = takenBy(
      expressionOf("Bearer @{body('A')} and @{parameters('name')}@{item()}"),
      constantsWith('B'),
    );
    expect(taken.map(({ before, isAnnounced }) => [before, isAnnounced])).toEqual([
      ['Bearer ', true],
      [' and ', false],
      ['', false],
    ]);
  });
});
