import { describe, expect, it, test } from 'vitest';
import type { Json, JsonObject } from '../../src/types/json.js';
import { writeHazardsOf } from '../../src/workflow/write-hazards.js';
import { workflowOf, type WorkflowParts } from './workflow-of.js';

const trigger = (recurrence: Json | undefined, type = 'Recurrence'): WorkflowParts => ({
  triggers: { Daily: { type, ...(recurrence === undefined ? {} : { recurrence }) } },
  given: {
    start: { value: '2020-01-01T00:00:00Z' },
    schedule: { value: { frequency: 'Day', startTime: '2020-01-01' } },
  },
});
const every = { frequency: 'Day', interval: 1 };

describe('a write that would start the workflow', () => {
  const rows: readonly (readonly [string, WorkflowParts, boolean])[] = [
    ['a Recurrence without startTime', trigger(every), true],
    [
      'a Recurrence with a schedule and without startTime',
      trigger({ ...every, schedule: { hours: ['6'] } }),
      true,
    ],
    ['a Recurrence without recurrence', trigger(undefined), true],
    ['a type in another case', trigger(every, 'recurrence'), true],
    ['a Sliding Window without startTime', trigger(every, 'SlidingWindow'), true],
    ['an empty startTime', trigger({ ...every, startTime: ' ' }), true],
    ['a startTime of null', trigger({ ...every, startTime: null }), true],
    ['a startTime that cannot be told', trigger({ ...every, startTime: "@parameters('x')" }), true],
    ['a Recurrence with startTime', trigger({ ...every, startTime: '2020-01-01T00:00:00Z' }), false],
    ['a key in another case', trigger({ ...every, StartTime: '2020-01-01T00:00:00Z' }), false],
    ['a startTime from a parameter', trigger({ ...every, startTime: "@parameters('start')" }), false],
    ['a recurrence from a parameter', trigger("@parameters('schedule')"), false],
    ['a trigger that polls, which fires for what it finds', trigger(every, 'ApiConnection'), false],
    ['a Request trigger', trigger(undefined, 'Request'), false],
    ['no trigger', {}, false],
    ['an action that says it is a Recurrence', { actions: { A: { type: 'Recurrence' } } }, false],
  ];
  test.each(rows)('%s', (_, parts, starts) => {
    const { reasons, warnings } = writeHazardsOf(workflowOf(parts), false);
    expect(
      reasons.map((reason) => /"Daily" has no startTime.*Give its recurrence a startTime/.test(reason)),
    ).toEqual(starts ? [true] : []);
    expect(warnings).toEqual([]);
  });

  it('may be made by whoever asks for the workflow by name, and is warned of', () => {
    const { reasons, warnings } = writeHazardsOf(workflowOf(trigger(every)), true);
    expect(reasons).toEqual([]);
    expect(warnings).toEqual([expect.stringContaining('"Daily"')]);
  });

  it('does not depend on whether the workflow is enabled', () => {
    const workflow = workflowOf(trigger(every));
    const disabled = {
      ...workflow,
      properties: { ...(workflow.properties as JsonObject), state: 'Disabled' },
    };
    expect(writeHazardsOf(disabled, false)).toEqual(writeHazardsOf(workflow, false));
  });
});

describe('a write that would lose secure parameters', () => {
  const rows: readonly (readonly [string, WorkflowParts, readonly string[]])[] = [
    ['SecureString', { declared: { key: { type: 'SecureString' } } }, ['key']],
    ['SecureObject', { declared: { key: { type: 'SecureObject' } } }, ['key']],
    [
      'in another case',
      { declared: { a: { type: 'securestring' }, b: { Type: 'SECUREOBJECT' } } },
      ['a', 'b'],
    ],
    ['declared with a default', { declared: { key: { type: 'SecureString', defaultValue: 'x' } } }, ['key']],
    ['given alone', { given: { key: { type: 'SecureString' } } }, ['key']],
    ['String', { declared: { key: { type: 'String' } } }, []],
    ['a type that is none', { declared: { key: { type: 7 }, other: 'SecureString' } }, []],
  ];
  test.each(rows)('%s', (_, parts, names) => {
    for (const askedForByName of [false, true]) {
      const { reasons } = writeHazardsOf(workflowOf(parts), askedForByName);
      expect(reasons).toHaveLength(names.length > 0 ? 1 : 0);
      for (const name of names) expect(reasons[0]).toContain(`"${name}"`);
    }
  });

  it('and would start the workflow too: both are said', () => {
    const parts = { ...trigger(every), declared: { key: { type: 'SecureString' } } };
    expect(writeHazardsOf(workflowOf(parts), false).reasons).toHaveLength(2);
  });

  it('never says the value', () => {
    const parts = {
      declared: { key: { type: 'SecureString', defaultValue: 'hunter2' } },
      given: { key: { value: 'hunter2' } },
    };
    expect(JSON.stringify(writeHazardsOf(workflowOf(parts), false))).not.toContain('hunter2');
  });
});
