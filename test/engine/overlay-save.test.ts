import { describe, expect, test } from 'vitest';
import { overlaySave } from '../../src/engine/lost-save/overlay-save.js';
import { LossyWriteError } from '../../src/engine/write/workflow-put.js';

describe('a version in place of what stands in a workflow', () => {
  test('comes byte for byte, and everything else stays', () => {
    const live =
      '{ "id": "/w", "identity": {"type":"SystemAssigned"}, "properties": {"version":"2","definition": {"a": 1.0},\n "parameters": {"p": 1}, "endpointsConfiguration": {} } }';
    const version =
      '{"id":"/w/versions/1","name":"1","properties":{"version":"1","definition":{ "a" : 12345678901234567890, "b": 1.0 },"parameters":{},"state":"Disabled","accessControl":{"triggers":{"x":1e2}}},"tags":{"t":"1"}}';
    expect(overlaySave(live, version)).toBe(
      '{"tags":{"t":"1"}, "id": "/w", "identity": {"type":"SystemAssigned"}, "properties": {"accessControl":{"triggers":{"x":1e2}},"state":"Disabled","version":"2","definition": { "a" : 12345678901234567890, "b": 1.0 },\n "parameters": {}, "endpointsConfiguration": {} } }',
    );
  });

  test('takes nothing away that the version does not show', () => {
    const live = '{"properties":{"definition":{},"accessControl":{"contents":1},"parameters":{}}}';
    const version = '{"properties":{"definition":{"b":1},"accessControl":null}}';
    expect(overlaySave(live, version)).toBe(
      '{"properties":{"definition":{"b":1},"accessControl":{"contents":1},"parameters":{}}}',
    );
  });

  test.each([
    [
      'a key that stands twice',
      '{"properties":{"definition":1,"definition":2}}',
      '{"properties":{"definition":3}}',
    ],
    ['properties that are none', '{"properties":5}', '{"properties":{"definition":3}}'],
  ])('is refused where the workflow has %s', (_what, live, version) => {
    expect(() => overlaySave(live, version)).toThrow(LossyWriteError);
  });
});
