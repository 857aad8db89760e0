import { describe, expect, it } from 'vitest';
import type { BindingInfo } from '../../local-host/functions-core-types.js';
import { readTriggerBinding } from '../../local-host/trigger-binding.js';

const settings = { SCHEDULE: '0 0 * * * *', QUEUE: 'Items', EMPTY: '' };

function read(trigger: BindingInfo, others: Record<string, BindingInfo> = {}, name = 'myFunction') {
  return readTriggerBinding(
    { name, bindings: { trigger: { direction: 'in', ...trigger }, ...others } },
    settings,
  );
}

describe('a trigger', () => {
  it('over HTTP has a route, methods and a level', () => {
    const http = { type: 'httpTrigger', route: 'a/{b}', methods: ['get', 'POST'], authLevel: 'Admin' };
    expect(read(http, { $return: { type: 'http', direction: 'out' } })).toMatchObject({
      kind: 'http',
      template: 'a/{b}',
      methods: ['GET', 'POST'],
      authLevel: 'admin',
    });
  });

  it('over HTTP has the name of the function for a route unless it says otherwise', () => {
    expect(read({ type: 'httpTrigger' })).toMatchObject({ template: 'myFunction', methods: [] });
  });

  it('of a timer has its schedule from the settings', () => {
    expect(read({ type: 'timerTrigger', schedule: '%SCHEDULE%' })).toMatchObject({
      kind: 'timer',
      schedule: { expression: '0 0 * * * *' },
      runOnStartup: false,
    });
  });

  it('of a queue has its name from the settings, in lower case', () => {
    expect(read({ type: 'queueTrigger', queueName: 'the-%QUEUE%', connection: '' })).toEqual({
      kind: 'queue',
      queueName: 'the-items',
      connection: 'Storage',
    });
  });

  it('of Event Grid needs nothing', () => {
    expect(read({ type: 'eventGridTrigger' })).toEqual({ kind: 'eventGrid' });
  });
});

describe('a function is in error', () => {
  it.each<[string, () => unknown, string]>([
    [
      'if a setting is missing',
      () => read({ type: 'timerTrigger', schedule: '%MISSING%' }),
      "'%MISSING%' does not resolve to a value: set the app setting MISSING.",
    ],
    [
      'if a setting is empty',
      () => read({ type: 'queueTrigger', queueName: '%EMPTY%' }),
      "'%EMPTY%' does not resolve",
    ],
    [
      'if its schedule is none',
      () => read({ type: 'timerTrigger', schedule: 'hourly' }),
      'is not valid NCRONTAB',
    ],
    [
      'if its trigger is not run here',
      () => read({ type: 'blobTrigger' }),
      'does not run the trigger blobTrigger',
    ],
    ['if it has no trigger', () => read({ type: 'http', direction: 'out' }), 'has no trigger'],
    [
      'if it has other bindings',
      () => read({ type: 'eventGridTrigger' }, { out: { type: 'queue', direction: 'out' } }),
      'bindings of type queue',
    ],
    ['if its name is none', () => read({ type: 'eventGridTrigger' }, {}, '1st'), 'not a valid function name'],
    [
      'if its name is the host',
      () => read({ type: 'eventGridTrigger' }, {}, 'Host'),
      'not a valid function name',
    ],
  ])('%s', (_, reading, complaint) => {
    expect(reading).toThrow(complaint);
  });
});
