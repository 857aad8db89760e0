import { describe, expect, test } from 'vitest';
import type { Json, JsonObject } from '../../src/types/json.js';
import type { Operation } from '../../src/workflow/definition.js';
import { hides, secureDataOf } from '../../src/workflow/secure-data.js';

const at = (json: JsonObject): Operation => ({
  kind: 'action',
  name: 'A',
  index: 0,
  pointer: '/A',
  type: 'http',
  json,
  inputs: undefined,
  parent: null,
});
const PLACE = '/A/runtimeConfiguration/secureData/properties';

describe('secureDataOf', () => {
  const list = (members: readonly Json[], pointer = PLACE) => ({ kind: 'list', pointer, members });
  const malformed = (what: string, pointer = PLACE) => ({ kind: 'malformed', pointer, what });
  const rows: readonly (readonly [string, JsonObject, unknown])[] = [
    ['nothing', {}, list([])],
    ['an empty configuration', { runtimeConfiguration: {} }, list([])],
    ['null at each step', { runtimeConfiguration: { secureData: null } }, list([])],
    ['a null list', { runtimeConfiguration: { secureData: { properties: null } } }, list([])],
    ['a list', { runtimeConfiguration: { secureData: { properties: ['inputs'] } } }, list(['inputs'])],
    [
      'keys in another case keep it',
      { RuntimeConfiguration: { securedata: { Properties: ['inputs'] } } },
      list(['inputs'], '/A/RuntimeConfiguration/securedata/Properties'),
    ],
    [
      'a configuration that is a text',
      { runtimeConfiguration: "@parameters('x')" },
      malformed('runtimeConfiguration is not an object'),
    ],
    [
      'a secureData that is a list',
      { runtimeConfiguration: { secureData: ['outputs'] } },
      malformed('runtimeConfiguration.secureData is not an object'),
    ],
    [
      'properties that are a text',
      { runtimeConfiguration: { secureData: { properties: 'outputs' } } },
      malformed('runtimeConfiguration.secureData.properties is not a list'),
    ],
    [
      'properties that are an object',
      { runtimeConfiguration: { secureData: { properties: { outputs: true } } } },
      malformed('runtimeConfiguration.secureData.properties is not a list'),
    ],
    [
      'false is not nothing',
      { runtimeConfiguration: false },
      malformed('runtimeConfiguration is not an object'),
    ],
  ];
  test.each(rows)('%s', (_, json, expected) => {
    expect(secureDataOf(at(json))).toEqual(expected);
  });
});

describe('hides', () => {
  const rows: readonly (readonly [string, readonly Json[], boolean])[] = [
    ['outputs', ['outputs'], true],
    ['both', ['inputs', 'outputs'], true],
    ['another case', ['Outputs'], true],
    ['inputs alone', ['inputs'], false],
    ['nothing', [], false],
    ['a text that only holds the word', ['outputs,inputs', ' outputs'], false],
    ['members of other kinds', [null, 1, ['outputs'], { outputs: true }], false],
  ];
  test.each(rows)('%s', (_, members, expected) => {
    expect(hides(members, 'outputs')).toBe(expected);
  });
});
