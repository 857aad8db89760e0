import { describe, expect, it, test } from 'vitest';
import { workflowSecretFlow } from '../../src/remediators/workflow-secret-flow.js';
import { applyEdits, valueAt } from '../../src/types/apply-edits.js';
import type { Json, JsonObject } from '../../src/types/json.js';
import type { WorkflowDocument, WorkflowObservation } from '../../src/types/observation.js';
import { observeWorkflow } from '../workflow/workflow-observation.js';
import {
  connectionsRead,
  connectorAction,
  GET_SECRET,
  httpAction,
  KEY_VAULT_API,
  reference,
  workflowOf,
  type WorkflowParts,
} from '../workflow/workflow-of.js';

const connections = connectionsRead({ c: { apiId: KEY_VAULT_API, vaultName: 'payments' } });
const planOf = (workflow: WorkflowDocument, more: Partial<WorkflowObservation> = {}) =>
  workflowSecretFlow.plan(observeWorkflow(workflow, { connections, ...more }));
const playbook = (parts: WorkflowParts) =>
  workflowOf({ connections: { keyvault: reference('c') }, ...parts });
const secured = (...properties: readonly Json[]): JsonObject => ({
  runtimeConfiguration: { secureData: { properties } },
});

const SECRET = connectorAction(GET_SECRET, 'keyvault', secured('outputs'));
const VALUE = "@body('Secret')?['value']";
const compose = (inputs: Json, more: JsonObject = {}): JsonObject => ({ type: 'Compose', inputs, ...more });
const parse = (content: Json): JsonObject => ({ type: 'ParseJson', inputs: { content, schema: {} } });
const post = (inputs: JsonObject, more: JsonObject = {}): JsonObject =>
  httpAction({ method: 'POST', uri: 'https://example.org', ...inputs }, more);
const bearer = (expression: string, more: JsonObject = {}): JsonObject =>
  httpAction(
    { method: 'GET', uri: 'https://example.org', headers: { Authorization: `Bearer @{${expression}}` } },
    more,
  );
const login = (more: JsonObject = {}): JsonObject => post({ body: { secret: VALUE } }, more);
/** A write of a secret into a vault. */
const keep = (body: Json): JsonObject =>
  httpAction({ method: 'PUT', uri: 'https://payments.vault.azure.net/secrets/new', body });
const setVariable = (name: string, value: Json): JsonObject => ({
  type: 'SetVariable',
  inputs: { name, value },
});
const initialise = (name: string, value: Json): JsonObject => ({
  type: 'InitializeVariable',
  inputs: { variables: [{ name, type: 'string', value }] },
});

/** The edits of a plan in short: the action's name and what is hidden. */
function editsOf(workflow: WorkflowDocument, more: Partial<WorkflowObservation> = {}): readonly string[] {
  return planOf(workflow, more).edits.map(({ path, after }) => {
    expect(path.endsWith('/runtimeConfiguration/secureData/properties')).toBe(true);
    return `${path.split('/').at(-4) ?? ''} ${after as string}`;
  });
}

describe('workflow-secret-flow', () => {
  /** Actions beside one that gets a secret, whose outputs are hidden; what is added, and what is found. */
  const rows: readonly (readonly [string, JsonObject, readonly string[], readonly string[]])[] = [
    ['compliant: nothing reads the secret', {}, [], []],
    ['compliant: Azure hides what uses a hidden output', { A: post({ body: VALUE }) }, [], []],
    ['compliant: a Compose of it is hidden by itself, with its outputs', { A: compose(VALUE) }, [], []],
    [
      'compliant: through outputs(), in an interpolation',
      { A: post({ body: "x@{outputs('Secret')?['body/value']}" }) },
      [],
      [],
    ],
    [
      'compliant: what stands beside the value is no secret',
      { A: initialise('n', "@body('Secret')?['name']") },
      [],
      [],
    ],
    [
      'compliant: the status code is no secret',
      { A: initialise('n', "@outputs('Secret')?['statusCode']") },
      [],
      [],
    ],
    [
      'compliant: its length, and whether it is empty',
      { A: initialise('n', "@if(empty(body('Secret')), 1, length(body('Secret')))") },
      [],
      [],
    ],
    [
      'compliant: a name is not another with an underscore',
      { 'My Secret': compose('x'), A: initialise('n', "@outputs('My_Secret')") },
      [],
      [],
    ],
    [
      'a Compose breaks the chain',
      { A: compose(VALUE), B: post({ body: "@outputs('A')" }) },
      ['B inputs'],
      [],
    ],
    [
      'so does Parse JSON',
      { A: parse("@body('Secret')"), B: post({ body: "@body('A')?['value']" }) },
      ['B inputs'],
      [],
    ],
    [
      'what stands beside the value, behind Parse JSON',
      { A: parse("@body('Secret')"), B: post({ body: "@body('A')?['name']" }) },
      [],
      [],
    ],
    [
      "an author's own name for it, which is also that of something beside a secret",
      { A: compose({ name: "@body('Secret')" }), B: post({ body: "@outputs('A')?['name']" }) },
      ['B inputs'],
      [],
    ],
    [
      'an expression as the name of a header',
      { A: compose(VALUE), B: post({ headers: { "@{outputs('A')}": 'x' } }) },
      ['B inputs'],
      [],
    ],
    [
      'a chain of Compose actions is hidden link by link',
      { A: compose(VALUE), B: compose("@outputs('A')"), C: compose({ x: "@{outputs('B')}" }) },
      ['B inputs', 'C inputs'],
      [],
    ],
    ['in any case of the name', { A: compose(VALUE), B: post({ body: "@outputs('a')" }) }, ['B inputs'], []],
    [
      'a name that is put together',
      { A: compose(VALUE), B: post({ body: "@outputs(concat('', 'A'))" }) },
      ['B inputs'],
      [],
    ],
    [
      'a name that is not known may be any',
      { A: compose(VALUE), B: post({ body: '@outputs(triggerBody())' }) },
      ['B inputs'],
      [],
    ],
    [
      'a function of it',
      {
        A: compose(VALUE),
        B: post({ headers: { Authorization: "Basic @{base64(concat('u:', outputs('A')))}" } }),
      },
      ['B inputs'],
      [],
    ],
    [
      'actions() is no plain use',
      { A: post({ body: "@actions('Secret').outputs.body.value" }) },
      ['A inputs'],
      [],
    ],
    [
      'the inputs of what took it',
      { A: post({ body: VALUE }), B: post({ body: "@actions('A')?['inputs']" }) },
      ['B inputs'],
      [],
    ],
    [
      'when and how an action ended is no secret',
      { A: post({ body: "@actions('Secret')?['status']" }) },
      [],
      [],
    ],
    [
      'an expression that does not parse, with its name',
      { A: post({ body: "@body('Secret'))" }) },
      ['A inputs'],
      [],
    ],
    ['an expression that does not parse, without it', { A: post({ body: "@body('Other'))" }) }, [], []],
    [
      'Select: its outputs, too',
      {
        A: { type: 'Select', inputs: { from: '@createArray(1)', select: { k: VALUE } } },
        B: compose("@body('A')"),
      },
      ['A outputs'],
      [],
    ],
    [
      'a Filter array over what a Compose gives',
      {
        A: compose([VALUE]),
        B: { type: 'Query', inputs: { from: "@outputs('A')", where: "@equals(item(), 'x')" } },
      },
      ['B inputs', 'B outputs'],
      [],
    ],
    [
      'JavaScript that names it',
      {
        A: {
          type: 'JavaScriptCode',
          inputs: { code: "return workflowContext.actions['Secret'].outputs.body" },
        },
      },
      ['A inputs', 'A outputs'],
      [],
    ],
    [
      'JavaScript that reads something else',
      {
        A: { type: 'JavaScriptCode', inputs: { code: 'return workflowContext.actions.Other.outputs' } },
        Other: compose('x'),
      },
      [],
      [],
    ],
    [
      'result() of the scope that it is in',
      { S: { type: 'Scope', actions: { In: compose(VALUE) } }, A: compose("@result('S')") },
      ['A inputs'],
      [],
    ],
    [
      'a connector that is given it',
      { A: compose(VALUE), B: connectorAction("/x/@{outputs('A')}", 'teams') },
      ['B inputs'],
      [],
    ],
    ['already hidden', { A: compose(VALUE), B: post({ body: "@outputs('A')" }, secured('Inputs')) }, [], []],
    [
      'the outputs alone are hidden',
      { A: compose(VALUE), B: post({ body: "@outputs('A')" }, secured('outputs')) },
      ['B inputs'],
      [],
    ],

    [
      'a variable, and what reads it',
      { A: initialise('k', VALUE), B: bearer("variables('k')") },
      ['B inputs'],
      ['action:A'],
    ],
    [
      'a variable that is set later in the definition',
      { A: bearer("variables('K')"), B: setVariable('k', VALUE) },
      ['A inputs'],
      ['action:B'],
    ],
    [
      'another variable of the same action',
      {
        A: {
          type: 'InitializeVariable',
          inputs: {
            variables: [
              { name: 'a', value: VALUE },
              { name: 'b', value: 'x' },
            ],
          },
        },
        B: bearer("variables('b')"),
      },
      [],
      ['action:A'],
    ],
    [
      'a variable whose name is not known may be any',
      { A: setVariable('@{triggerBody()}', VALUE), B: initialise('b', 'x'), C: bearer("variables('b')") },
      ['C inputs'],
      ['action:A'],
    ],
    [
      'a loop over it, and what takes its items',
      {
        A: {
          type: 'Foreach',
          foreach: "@createArray(body('Secret')?['value'])",
          actions: { In: post({ body: "@items('A')" }), It: post({ body: '@item()' }) },
        },
      },
      ['In inputs', 'It inputs'],
      ['action:A'],
    ],
    [
      'conditions',
      {
        A: { type: 'If', expression: { and: [{ equals: [VALUE, 'x'] }] } },
        B: { type: 'Switch', expression: VALUE },
        C: { type: 'Until', expression: `@equals(body('Secret'), 'x')` },
        D: { type: 'If', expression: { equals: [`@empty(body('Secret'))`, true] } },
      },
      [],
      ['action:A', 'action:B'],
    ],
    [
      'Terminate',
      { A: { type: 'Terminate', inputs: { runStatus: 'Failed', runError: { message: VALUE } } } },
      [],
      ['action:A'],
    ],
    ['an action of a type that is not known', { A: { type: 'Quantum', inputs: VALUE } }, [], ['action:A']],
    [
      'a Response gives it away, though nobody sees it in the history',
      { A: { type: 'Response', inputs: { body: VALUE } } },
      [],
      ['action:A'],
    ],
    [
      'a Response of what a Compose gives',
      { A: compose(VALUE), B: { type: 'Response', inputs: { body: "@outputs('A')" } } },
      ['B inputs'],
      ['action:B'],
    ],
    [
      'tracked properties of an action that takes nothing else',
      { A: compose('x', { trackedProperties: { k: VALUE } }) },
      [],
      ['action:A/tracked'],
    ],

    [
      'what a call gives back is no secret',
      { A: login(), B: compose("@body('A')?['items']"), C: compose("@outputs('B')") },
      [],
      [],
    ],
    [
      'a token that a call gives back',
      { A: login(), B: bearer("body('A')?['access_token']") },
      ['A outputs'],
      [],
    ],
    [
      'a token behind Parse JSON, and what stands beside it',
      {
        A: login(),
        P: parse("@body('A')"),
        B: bearer("body('P')?['access_token']"),
        C: initialise('until', "@body('P')?['expires_in']"),
      },
      ['A outputs', 'B inputs'],
      [],
    ],
    [
      'what kind of token it is, also where that goes into the same header',
      {
        A: login(),
        B: bearer("concat(body('A')?['token_type'], body('A')?['access_token'])"),
        C: initialise('kind', "@body('A')?['token_type']"),
        D: initialise('status', "@outputs('A')?['statusCode']"),
      },
      ['A outputs'],
      [],
    ],
    [
      'a session under another name, by its use',
      { A: login(), B: bearer("body('A')?['d']?['x']") },
      ['A outputs'],
      [],
    ],
    [
      'a session in a field that says so',
      { A: login(), B: post({ body: { sessionId: "@body('A')?['x']" } }) },
      ['A outputs'],
      [],
    ],
    [
      'a session in a form',
      { A: login(), B: post({ body: "a=1&api_key=@{body('A')?['x']}" }) },
      ['A outputs'],
      [],
    ],
    [
      'a session in a cookie',
      { A: login(), B: compose("@outputs('A')['headers']['Set-Cookie']") },
      ['A outputs'],
      [],
    ],
    [
      'what says where a list goes on is no token',
      { A: login(), B: post({ body: "@body('A')?['nextPageToken']" }) },
      [],
      [],
    ],
    [
      'a token for a token',
      {
        A: login(),
        B: post({ body: { assertion: "@body('A')?['jwt']" } }),
        C: bearer("body('B')?['access_token']"),
      },
      ['A outputs', 'B outputs'],
      [],
    ],
    [
      'a Function that is sent a secret',
      { F: { type: 'Function', inputs: { function: { id: '/x' }, body: VALUE } }, B: bearer("body('F')") },
      ['F outputs'],
      [],
    ],
    [
      'a token that no secret was sent for',
      { A: post({ body: 'x' }), B: bearer("body('A')?['access_token']") },
      [],
      [],
    ],
    [
      'a token in a variable',
      {
        A: login(),
        V: setVariable('t', "@body('A')?['data']?['access_token']"),
        B: bearer("variables('t')"),
      },
      ['A outputs', 'B inputs'],
      ['action:V'],
    ],
    [
      'what is written into a vault',
      {
        A: httpAction({
          method: 'PUT',
          uri: 'https://payments.vault.azure.net/secrets/new',
          body: { value: '@guid()' },
        }),
      },
      ['A inputs', 'A outputs'],
      [],
    ],
    [
      'what an answer gives to be written into a vault, and nothing beside it',
      {
        New: post({ body: {} }),
        Put: keep({ value: "@{body('New')?['text']}", tags: { id: "@body('New')?['id']" } }),
        Mail: post({ body: "@body('New')?['id']" }),
        Log: compose("@body('New')?['text']"),
        Later: post({ body: "@outputs('Log')" }),
      },
      ['New outputs', 'Put outputs', 'Later inputs'],
      [],
    ],
    [
      'an answer that is written into a vault as it is, through Parse JSON',
      { New: post({ body: {} }), P: parse("@body('New')"), Put: keep({ value: "@{body('P')}" }) },
      ['New outputs', 'Put inputs', 'Put outputs'],
      [],
    ],
    [
      'the same in a body that is a text',
      {
        New: post({ body: {} }),
        Id: compose('@guid()'),
        Put: keep('{"value": "@{body(\'New\')?[\'text\']}", "tags": {"id": "@{outputs(\'Id\')}"}}'),
      },
      ['New outputs', 'Put outputs'],
      [],
    ],
    [
      'what is made up to be written into a vault',
      {
        Made: compose('@guid()'),
        Put: keep({ value: "@outputs('Made')" }),
        Use: post({ body: { for: "@outputs('Made')" } }),
      },
      ['Made inputs', 'Put inputs', 'Put outputs', 'Use inputs'],
      [],
    ],
    [
      'what a vault answers to a write, beside the value',
      { Put: keep({ value: VALUE }), R: { type: 'Response', inputs: { body: "@body('Put')?['id']" } } },
      ['Put outputs'],
      [],
    ],
    [
      'what a vault answers to a write, and the value in it',
      {
        Put: keep({ value: VALUE }),
        P: parse("@body('Put')"),
        B: post({ body: "@body('P')?['value']" }),
      },
      ['Put outputs', 'B inputs'],
      [],
    ],
    [
      'the answer to a request for a token, whatever becomes of it',
      {
        A: post({ body: "grant_type=client_credentials&client_secret=@{body('Secret')?['value']}" }),
        B: post({ body: "@body('A')" }),
        C: post({ body: "@body('A')?['expires_in']" }),
      },
      ['A outputs'],
      [],
    ],
    [
      'the same in a JSON body, handed on in a variable',
      {
        A: post({ body: { grant_type: 'password', password: VALUE } }),
        V: setVariable('answer', "@body('A')"),
      },
      ['A outputs'],
      ['action:V'],
    ],
    [
      'a session that is taken out of XML by its name',
      {
        A: login(),
        X: compose("@xpath(xml(body('A')), 'string(//*[local-name()=\"sessionId\"])')"),
        B: post({ headers: { 'X-Session': "@{outputs('X')}" } }),
      },
      ['A outputs', 'B inputs'],
      [],
    ],
    [
      'something else that is taken out of XML',
      { A: login(), X: compose("@xpath(xml(body('A')), 'string(//status)')") },
      [],
      [],
    ],
    [
      'what goes into an element that is named for a credential',
      { A: login(), B: post({ body: "<u:sessionId>@{body('A')?['id']}</u:sessionId>" }) },
      ['A outputs'],
      [],
    ],
    [
      'what a key decrypts over HTTP',
      {
        D: httpAction(
          {
            method: 'POST',
            uri: 'https://payments.vault.azure.net/keys/k/1/decrypt?api-version=7.4',
            body: {},
          },
          secured('outputs'),
        ),
        A: compose("@body('D')?['value']"),
        B: post({ body: "@outputs('A')" }),
      },
      ['B inputs'],
      [],
    ],
    [
      'what a key encrypts over HTTP',
      {
        D: httpAction({ method: 'POST', uri: 'https://payments.vault.azure.net/keys/k/1/encrypt', body: {} }),
        A: initialise('v', "@body('D')?['value']"),
      },
      [],
      [],
    ],
    [
      'attributes of a secret that are written into a vault',
      {
        A: httpAction({
          method: 'PATCH',
          uri: 'https://payments.vault.azure.net/secrets/new',
          body: { tags: {} },
        }),
      },
      [],
      [],
    ],
  ];
  test.each(rows)('%s', (_, actions, edits, about) => {
    const workflow = playbook({ actions: { Secret: SECRET, ...actions } });
    expect(editsOf(workflow)).toEqual(edits);
    const { findings, refusals, warnings } = planOf(workflow);
    expect(findings.map((finding) => finding.about)).toEqual(about);
    expect([refusals, warnings]).toEqual([[], []]);
    const after = applyEdits(workflow, planOf(workflow).edits);
    expect(planOf(after)).toEqual({ ...planOf(workflow), edits: [] });
  });

  it('hides what a caller hands over to be written into a vault', () => {
    const triggers = { manual: { type: 'Request' } };
    const actions = { Put: keep({ value: "@triggerBody()?['text']" }) };
    expect(editsOf(playbook({ triggers, actions }))).toEqual(['manual outputs', 'Put outputs']);
    expect(
      editsOf(playbook({ triggers, actions: { Put: keep({ value: 'x', tags: '@triggerBody()' }) } })),
    ).toEqual(['Put inputs', 'Put outputs']);
  });

  it('says of what is written into a vault where it comes from', () => {
    const actions = { New: post({}), Put: keep({ value: "@body('New')" }) };
    expect(planOf(playbook({ actions })).edits.map(({ reason }) => reason)[0]).toBe(
      'action "New" has what "New" gives to be written into a vault in its outputs, and the run history shows it in plain text',
    );
  });

  it('does nothing about what workflow-secure-outputs will do, and plans as if it had', () => {
    const open = connectorAction(GET_SECRET);
    const workflow = playbook({ actions: { Secret: open, A: post({ body: VALUE }), B: compose(VALUE) } });
    expect(planOf(workflow).edits).toEqual([]);
  });

  it('hides what takes a secret from outputs that cannot be hidden', () => {
    const tracked = connectorAction(GET_SECRET, 'keyvault', { trackedProperties: { id: 1 } });
    expect(editsOf(playbook({ actions: { Secret: tracked, A: post({ body: VALUE }) } }))).toEqual([
      'A inputs',
    ]);
  });

  it('hides what an action decrypts as it hides a secret', () => {
    const actions = {
      D: connectorAction('/keys/k/decrypt', 'keyvault', secured('outputs')),
      A: compose("@body('D')?['plaintextData']"),
      B: post({ body: "@outputs('A')" }),
    };
    expect(editsOf(playbook({ actions }))).toEqual(['B inputs']);
  });

  it('says in each edit which secret it is about', () => {
    const [edit] = planOf(
      playbook({ actions: { Secret: SECRET, A: compose(VALUE), B: compose("@outputs('A')") } }),
    ).edits;
    expect(edit).toEqual({
      op: 'add',
      path: '/properties/definition/actions/B/runtimeConfiguration/secureData/properties',
      before: null,
      after: 'inputs',
      reason:
        'action "B" has the secret "db-password" of the vault payments (from "Secret") in its inputs, and the run history shows it in plain text',
    });
  });

  it('says of a token what it was got for', () => {
    const actions = { Secret: SECRET, A: login(), B: initialise('t', "@body('A')?['access_token']") };
    expect(planOf(playbook({ actions })).findings).toEqual([
      {
        severity: 'medium',
        about: 'action:B',
        reason:
          'action "B" takes the credential that "A" gets for the secret "db-password" of the vault payments (from "Secret"), and there is no setting that keeps it out of the run history.',
        step: "Use the action's output where the secret is needed, instead of a variable: the history of that action can be hidden.",
      },
    ]);
  });

  it('finds a secret in what the workflow itself gives out', () => {
    const workflow = playbook({ actions: { Secret: SECRET } });
    const definition = (workflow.properties as JsonObject).definition as JsonObject;
    const outputs = { key: { type: 'String', value: VALUE }, other: { type: 'String', value: 'x' } };
    const properties = { ...(workflow.properties as JsonObject), definition: { ...definition, outputs } };
    expect(planOf({ ...workflow, properties }).findings).toEqual([
      expect.objectContaining({ about: 'output:key', severity: 'medium' }),
    ]);
  });
});

describe('workflow-secret-flow and others', () => {
  const child = '/subscriptions/X/resourceGroups/Rg/providers/Microsoft.Logic/workflows/Tokens';
  const call = (more: JsonObject = {}): JsonObject => ({
    type: 'Workflow',
    inputs: { host: { triggerName: 'manual', workflow: { id: child } }, ...more },
  });
  const returning = { flowBetween: { returnsSecret: new Set([child.toLowerCase()]), receivesSecret: false } };

  it('hides what a workflow gives back whose Response gives a secret', () => {
    const workflow = playbook({
      actions: { A: call(), B: compose("@body('A')?['key']"), C: compose("@outputs('B')") },
    });
    expect(editsOf(workflow, returning)).toEqual(['A outputs', 'C inputs']);
    expect(editsOf(workflow)).toEqual([]);
  });

  it('does not take the status of the call for it', () => {
    const actions = { A: call(), B: initialise('s', "@outputs('A')?['statusCode']") };
    expect(planOf(playbook({ actions }), returning).findings).toEqual([]);
  });

  it('takes of that only the token, where there is one', () => {
    const actions = {
      A: call(),
      B: initialise('s', "@body('A')?['status']"),
      C: bearer("body('A')?['token']"),
    };
    const plan = planOf(playbook({ actions }), returning);
    expect([plan.edits.map(({ after }) => after), plan.findings]).toEqual([['outputs'], []]);
  });

  it('hides what a caller hands it', () => {
    const triggers = { manual: { type: 'Request', kind: 'Http', inputs: { schema: {} } } };
    const actions = { A: compose("@triggerBody()?['key']"), B: post({ body: "@outputs('A')" }) };
    const receiving = { flowBetween: { returnsSecret: new Set<string>(), receivesSecret: true } };
    const { edits } = planOf(playbook({ triggers, actions }), receiving);
    expect(edits.map(({ path, after }) => [path.split('/').slice(3, 5).join('/'), after])).toEqual([
      ['triggers/manual', 'outputs'],
      ['actions/B', 'inputs'],
    ]);
  });

  it('hides secure parameters, but not where a request signs in with one', () => {
    const declared = { key: { type: 'securestring' }, list: { type: 'String' } };
    const actions = {
      A: post({ body: "@parameters('KEY')" }),
      B: post({ authentication: { type: 'Basic', username: 'u', password: "@parameters('key')" } }),
      C: post({ body: "@parameters('list')" }),
    };
    const { edits, refusals } = planOf(playbook({ declared, actions }));
    expect(edits).toEqual([]);
    expect(refusals).toEqual([
      {
        reason: expect.stringContaining('secure parameters ("key")') as string,
        edits: [expect.objectContaining({ path: expect.stringContaining('/A/') as string, after: 'inputs' })],
      },
    ]);
  });
});

describe('what workflow-secret-flow refuses', () => {
  const broken = (more: JsonObject) =>
    playbook({
      actions: {
        Secret: SECRET,
        A: compose(VALUE),
        B: post({ body: "@outputs('A')" }, more),
        C: post({ body: "@outputs('A')" }),
      },
    });
  const rows: readonly (readonly [string, JsonObject, string])[] = [
    ['tracked properties', { trackedProperties: { id: 1 } }, 'has trackedProperties'],
    [
      'tracked properties that are no object',
      { trackedProperties: "@parameters('t')" },
      'has trackedProperties',
    ],
    [
      'a list that is none',
      { runtimeConfiguration: { secureData: { properties: 'inputs' } } },
      'secureData.properties is not a list',
    ],
    [
      'a configuration that is no object',
      { runtimeConfiguration: [] },
      'runtimeConfiguration is not an object',
    ],
  ];
  test.each(rows)('%s: that action alone', (_, more, reason) => {
    const { edits, refusals } = planOf(broken(more));
    expect(edits.map(({ path }) => path.split('/').at(4))).toEqual(['C']);
    expect(refusals).toEqual([
      {
        reason: expect.stringContaining(reason) as string,
        edits: [expect.objectContaining({ path: expect.stringContaining('/B/') as string, after: 'inputs' })],
      },
    ]);
  });

  it('a workflow that a write would start, unless it was asked for by name', () => {
    const workflow = playbook({
      actions: { Secret: SECRET, A: compose(VALUE), B: post({ body: "@outputs('A')" }) },
      triggers: { R: { type: 'Recurrence', recurrence: { frequency: 'Day', interval: 1 } } },
    });
    expect(planOf(workflow).refusals).toEqual([
      { reason: expect.stringContaining('"R" has no startTime') as string, edits: [expect.anything()] },
    ]);
    const asked = planOf(workflow, { askedForByName: true });
    expect([asked.edits.length, asked.refusals, asked.warnings.length]).toEqual([1, [], 1]);
  });
});

describe('hostile definitions', () => {
  it('an action named __proto__', () => {
    const actions = JSON.parse(
      `{"Secret":${JSON.stringify(SECRET)},"A":{"type":"Compose","inputs":"${VALUE}"},"__proto__":{"type":"Compose","inputs":"@outputs('A')"}}`,
    ) as JsonObject;
    const workflow = playbook({ actions });
    const { edits } = planOf(workflow);
    expect(edits.map(({ path }) => valueAt(applyEdits(workflow, edits), path))).toEqual([['inputs']]);
    expect(edits[0]?.path).toContain('/__proto__/');
  });

  it('inputs that are nested ten thousand deep', () => {
    let inputs: Json = VALUE;
    for (let depth = 0; depth < 10_000; depth += 1) inputs = [inputs];
    expect(
      planOf(
        playbook({
          actions: { Secret: SECRET, A: initialise('v', 'x'), B: { type: 'SetVariable', inputs } },
        }),
      ).findings,
    ).toHaveLength(1);
  });

  it('variables that are set from one another, and from themselves', () => {
    const actions = {
      Secret: SECRET,
      A: setVariable('a', "@variables('b')?['x']"),
      B: setVariable('b', "@concat(variables('a'), variables('b'), body('Secret'))"),
      C: setVariable('a', "@variables('a')?['x']"),
    };
    expect(planOf(playbook({ actions })).findings.map(({ about }) => about)).toEqual([
      'action:A',
      'action:B',
      'action:C',
    ]);
  });

  it('thousands of actions that each may read all of them', () => {
    const many = Array.from({ length: 3000 }, (_, i) => [`A${i}`, compose('@body(triggerBody())')] as const);
    const { edits } = planOf(playbook({ actions: { Secret: SECRET, ...Object.fromEntries(many) } }));
    expect(edits).toHaveLength(3000);
  });

  it('hundreds of secrets and calls, each of which may carry all', () => {
    const secrets = Array.from({ length: 400 }, (_, i) => [`S${i}`, SECRET] as const);
    const calls = Array.from({ length: 400 }, (_, i) => [`C${i}`, bearer('body(triggerBody())')] as const);
    const { edits } = planOf(playbook({ actions: Object.fromEntries([...secrets, ...calls]) }));
    expect(edits.filter(({ after }) => after === 'inputs')).toHaveLength(400);
  });

  it('hundreds of secrets, each of which hundreds of actions read', () => {
    const names = Array.from({ length: 400 }, (_, i) => `S${i}`);
    const all = names.map((name) => `@{body('${name}')}`).join('');
    const readers = names.map((name) => [`R${name}`, post({ body: all })] as const);
    const { edits, findings } = planOf(
      playbook({
        actions: {
          ...Object.fromEntries(names.map((name) => [name, SECRET])),
          ...Object.fromEntries(readers),
        },
      }),
    );
    expect([edits, findings]).toEqual([[], []]);
  });

  it('a text with a hundred thousand expressions', () => {
    const workflow = playbook({
      actions: { Secret: SECRET, A: compose("@{body('Secret')}".repeat(150_000)) },
    });
    expect(planOf(workflow)).toEqual(planOf(playbook({})));
  });

  it('texts that do not parse, by the thousand', () => {
    const many = Array.from({ length: 1000 }, (_, i) => [`A${i}`, compose(`@body('Secret' ${i}`)] as const);
    const { edits } = planOf(playbook({ actions: { Secret: SECRET, ...Object.fromEntries(many) } }));
    expect(edits).toHaveLength(1000);
  });
});
