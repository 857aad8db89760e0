import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LossyWriteError, workflowPut } from '../../src/engine/write/workflow-put.js';
import { toPointer } from '../../src/types/apply-edits.js';
import type { Edit } from '../../src/types/edit.js';
import type { Json, JsonObject } from '../../src/types/json.js';

const secure = (action: string): Edit => ({
  op: 'add',
  path: `/properties/definition/actions/${action}/runtimeConfiguration/secureData/properties`,
  before: null,
  after: 'outputs',
  reason: '',
});
const SECURED = '"runtimeConfiguration": {"secureData":{"properties":["outputs"]}}';
const workflow = (properties: string, rest = '') =>
  `{"location":"westeurope"${rest},"properties":{${properties}}}`;
const action = (body: string) => `"definition":{"actions":{"Get_secret":{${body}}}}`;

describe('the edit goes in, and every other byte stays', () => {
  test.each([
    [
      'into an action without runtimeConfiguration',
      '"type":"ApiConnection"',
      `"type":"ApiConnection",${SECURED}`,
    ],
    [
      'beside other runtime configuration',
      '"runtimeConfiguration": {"contentTransfer": {"transferMode": "Chunked"}}',
      '"runtimeConfiguration": {"contentTransfer": {"transferMode": "Chunked"},"secureData": {"properties":["outputs"]}}',
    ],
    [
      'beside secured inputs',
      '"runtimeConfiguration":{"secureData":{"properties":[ "inputs" ]}}',
      '"runtimeConfiguration":{"secureData":{"properties":[ "inputs","outputs" ]}}',
    ],
    [
      'into a runtimeConfiguration of null',
      '"runtimeConfiguration":null,"type":"Http"',
      '"runtimeConfiguration":{"secureData":{"properties":["outputs"]}},"type":"Http"',
    ],
    [
      'into secureData of null',
      '"runtimeConfiguration":{"secureData":null}',
      '"runtimeConfiguration":{"secureData":{"properties":["outputs"]}}',
    ],
    [
      'into a list of null',
      '"runtimeConfiguration":{"secureData":{"properties":null}}',
      '"runtimeConfiguration":{"secureData":{"properties":["outputs"]}}',
    ],
    [
      'into an empty list',
      '"runtimeConfiguration":{"secureData":{"properties":[]}}',
      '"runtimeConfiguration":{"secureData":{"properties":["outputs"]}}',
    ],
    [
      'next to numbers that JSON.parse would change, and escapes',
      '"a":12345678901234567890,"b":1.0,"c":1E400,"d":"\\u0041\\/","z":1,"a2":0.10',
      `"a":12345678901234567890,"b":1.0,"c":1E400,"d":"\\u0041\\/","z":1,"a2":0.10,${SECURED}`,
    ],
  ])('%s', (_name, before, after) => {
    expect(workflowPut(workflow(action(before)), [secure('Get_secret')])).toBe(workflow(action(after)));
  });

  test('fields that no SDK knows stay where they are', () => {
    const unknown =
      '"accessControl":{"triggers":{"sasAuthenticationPolicy":{"state":"Disabled"}}},"runtimeConfiguration":{"lifetime":{"unit":"day","count":7}},';
    const text = workflow(`${unknown}${action('')}`);
    expect(workflowPut(text, [secure('Get_secret')])).toBe(workflow(`${unknown}${action(SECURED)}`));
  });
});

describe('what ARM sets by itself goes out', () => {
  test('of the resource, its identity and its properties', () => {
    const text =
      '{"id":"/x","name":"play","type":"Microsoft.Logic/workflows","location":"westeurope","systemData":{},' +
      '"identity":{"type":"SystemAssigned","principalId":"p","tenantId":"t"},' +
      '"properties":{"provisioningState":"Succeeded","createdTime":"a","changedTime":"b","version":"08","accessEndpoint":"https://x","sku":{"name":"Consumption"},"state":"Disabled","endpointsConfiguration":{"workflow":{}},"definition":{"actions":{}}}}';
    expect(workflowPut(text, [])).toBe(
      '{"location":"westeurope","identity":{"type":"SystemAssigned"},"properties":{"state":"Disabled","definition":{"actions":{}}}}',
    );
  });

  test('user-assigned identities are named and empty', () => {
    const text =
      '{"identity":{"type":"UserAssigned","userAssignedIdentities":{"/a/b":{"clientId":"c","principalId":"p"},"/c":{}}}}';
    expect(workflowPut(text, [])).toBe(
      '{"identity":{"type":"UserAssigned","userAssignedIdentities":{"/a/b":{},"/c":{}}}}',
    );
  });

  test("keys of the same names inside the definition are the author's and stay", () => {
    const text = workflow('"definition":{"actions":{"id":{"name":"x","version":"1"}},"outputs":{"sku":{}}}');
    expect(workflowPut(text, [])).toBe(text);
  });
});

describe('what cannot be done without loss is refused', () => {
  test.each([
    ['a key that stands twice', workflow(`${action('"type":"A"')},${action('"type":"B"')}`)],
    [
      'a key that stands twice, once as a list, on the way to the edit',
      `{"properties":[],${workflow(action('"type":"A"')).slice(1)}`,
    ],
    ['lists deeper than a stack', workflow(action(`"a":${'['.repeat(20_000)}${']'.repeat(20_000)}`))],
    ['a read-only key that stands twice', '{"id":"a","id":"b","properties":{}}'],
    ['a document that is no object', '[]'],
  ])('%s', (_name, text) => {
    const edits = text.includes('Get_secret') ? [secure('Get_secret')] : [];
    expect(() => workflowPut(text, edits)).toThrow(LossyWriteError);
  });
});

test('law: taking the edit out of the text again gives the text that came in', () => {
  const actionName = fc.string({ minLength: 1 }).filter((name) => name !== '__proto__');
  fc.assert(
    fc.property(
      fc.dictionary(actionName, fc.jsonValue()),
      actionName,
      fc.integer({ min: 0, max: 4 }),
      (others, name, indent) => {
        const document: JsonObject = {
          properties: {
            definition: { actions: { ...(others as Record<string, Json>), [name]: { type: 'Http' } } },
          },
        };
        const text = JSON.stringify(document, null, indent);
        const path = `/properties/definition/actions${toPointer([name])}/runtimeConfiguration/secureData/properties`;
        const put = workflowPut(text, [{ op: 'add', path, before: null, after: 'outputs', reason: '' }]);
        expect(put.length - text.length).toBe(`,${SECURED}`.length);
        expect(put.replace(`,${SECURED}`, '')).toBe(text);
      },
    ),
  );
});

describe('several edits at once', () => {
  const nested = (outer: string, inner: string) =>
    workflow(`"definition":{"actions":{"Outer":{${outer}"actions":{"Inner":{${inner}}}}}}`);
  const secureAt = (path: string): Edit => ({
    ...secure(''),
    path: `${path}/runtimeConfiguration/secureData/properties`,
  });
  const OUTER = '/properties/definition/actions/Outer';

  test('each goes to its own place, one inside the other', () => {
    const put = workflowPut(nested('"type":"Http",', '"type":"Http"'), [
      secureAt(OUTER),
      secureAt(`${OUTER}/actions/Inner`),
    ]);
    expect(JSON.parse(put)).toEqual(
      JSON.parse(nested(`"type":"Http",${SECURED},`, `"type":"Http",${SECURED}`)),
    );
  });

  test('two to the same list', () => {
    const inputs: Edit = { ...secure('Get_secret'), after: 'inputs' } as Edit;
    expect(workflowPut(workflow(action('"a":1.0')), [secure('Get_secret'), inputs])).toBe(
      workflow(action('"a":1.0,"runtimeConfiguration": {"secureData":{"properties":["outputs","inputs"]}}')),
    );
  });
});
