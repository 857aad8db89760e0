import { ArmFailure, methodNotAllowed } from '../arm/arm-error.js';
import { at, isObject } from '../json.js';
import type { ChildAnswer, ChildOperation, ExistingCall, ProviderCall } from '../arm/provider.js';
import { arrayText, isObjectText, membersOf, objectText, spelledAs } from '../raw-json.js';
import type { ResourceState, StoredResource } from '../resource.js';
import { timestamp } from '../arm/system-data.js';
import { checkConnectionIdentities } from './check-connection-identities.js';
import { runRead } from './run-requests.js';
import { checkDefinition } from './workflow-definition.js';
import { takeParameters } from './workflow-parameters.js';

type Render = (call: ProviderCall, resource: StoredResource, state: ResourceState) => string;

/** What is asked of, or done with, a workflow by a path below it. `render` gives a state's document. */
export function workflowChild(method: string, rest: readonly string[], render: Render): ChildOperation {
  const [first = '', second, ...more] = rest;
  const name = first.toLowerCase();
  if (name === 'runs') {
    if (method !== 'GET') throw methodNotAllowed(method);
    return runRead(rest.slice(1));
  }
  const isKnown = ['enable', 'disable', 'validate'].includes(name)
    ? second === undefined
    : name === 'versions' && more.length === 0;
  if (!isKnown) throw new ArmFailure(404, 'NotFound', `No resource is found at '${rest.join('/')}'.`);
  if (method !== (name === 'versions' ? 'GET' : 'POST')) throw methodNotAllowed(method);
  if (name === 'versions') {
    return {
      action: 'Microsoft.Logic/workflows/versions/read',
      event: null,
      about: 'resource',
      run: (call) => (second === undefined ? listVersions(call, render) : getVersion(call, second, render)),
    };
  }
  const action = `Microsoft.Logic/workflows/${name}/action`;
  if (name === 'validate') return { action, event: 'Action', about: 'anything', run: validate };
  return {
    action,
    event: 'Action',
    about: 'resource',
    run: (call) => setState(call, name === 'enable' ? 'Enabled' : 'Disabled'),
  };
}

function setState(call: ExistingCall, state: 'Enabled' | 'Disabled'): ChildAnswer {
  const properties = new Map(call.existing.state.properties);
  properties.set('state', JSON.stringify(state));
  properties.set('changedTime', JSON.stringify(timestamp(call.now)));
  return { status: 200, body: '', written: { state: { ...call.existing.state, properties } } };
}

/** Checks a workflow without saving it. */
function validate(call: ProviderCall): ChildAnswer {
  const properties = spelledAs(membersOf(call.body), ['properties']).get('properties');
  const sent = spelledAs(membersOf(isObjectText(properties) ? properties : '{}'), [
    'definition',
    'parameters',
  ]);
  const text = sent.get('definition') ?? 'null';
  const definition: unknown = JSON.parse(text);
  const switches = call.world.switches.values;
  const secrets = call.existing?.state.secrets ?? new Map<string, string>();
  checkDefinition(definition, text, switches);
  takeParameters(sent.get('parameters'), definition, text, secrets, switches.secureValueOmitted);
  const identity = spelledAs(membersOf(call.body), ['identity']).get('identity');
  checkConnectionIdentities(call.world, sent.get('parameters'), identity);
  return { status: 200, body: '' };
}

function listVersions(call: ExistingCall, render: Render): ChildAnswer {
  const top = Number(call.query.get('$top') ?? '250');
  const versions = call.existing.versions.slice(0, Number.isInteger(top) && top > 0 ? top : 250);
  const items = versions.map((state) => versionText(call, state, render));
  return { status: 200, body: objectText(new Map([['value', arrayText(items)]])) };
}

function getVersion(call: ExistingCall, id: string, render: Render): ChildAnswer {
  const state = call.existing.versions.find((candidate) => versionOf(candidate) === id);
  if (state !== undefined) return { status: 200, body: versionText(call, state, render) };
  throw new ArmFailure(
    404,
    'WorkflowVersionNotFound',
    `The workflow version '${id}' of workflow '${call.existing.name}' could not be found.`,
  );
}

/** The workflow's own document under the id of the version. */
function versionText(call: ExistingCall, state: ResourceState, render: Render): string {
  const version = versionOf(state);
  const document = membersOf(render(call, call.existing, state));
  document.set('id', JSON.stringify(`${call.existing.id}/versions/${version}`));
  document.set('name', JSON.stringify(version));
  document.set('type', '"Microsoft.Logic/workflows/versions"');
  return objectText(document);
}

export function versionOf(state: ResourceState | undefined): string {
  const version: unknown = JSON.parse(state?.properties.get('version') ?? 'null');
  return typeof version === 'string' ? version : '';
}

/** The trigger that fires when the workflow is written: a recurrence with no time to start at. */
export function triggerAtOnce(definition: unknown): string | undefined {
  const triggers = at(definition, 'triggers');
  if (!isObject(triggers)) return undefined;
  return Object.entries(triggers).find(
    ([, trigger]) =>
      String(at(trigger, 'type')).toLowerCase() === 'recurrence' &&
      (at(trigger, 'recurrence', 'startTime') ?? '') === '',
  )?.[0];
}
