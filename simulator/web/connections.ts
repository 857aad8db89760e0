import { ArmFailure, badRequest, invalidContent } from '../arm/arm-error.js';
import { at, entriesOf, isObject, textAt } from '../json.js';
import { checkedLocation } from '../arm/location.js';
import type { ExistingCall, Provider, ProviderCall, Written } from '../arm/provider.js';
import { isNullText, isObjectText, membersOf, objectText, spelledAs, type Members } from '../raw-json.js';
import { CONNECTION } from '../resource-types.js';
import { documentText, type ResourceState } from '../resource.js';
import { timestamp } from '../arm/system-data.js';
import { checkedTags, patchedTags } from '../arm/tags.js';
import { isAlternative, isSecret, signInOf, valueSetName } from './connection-sign-in.js';

/** Set by the service; passed over where it is sent. */
const READ_ONLY = [
  'statuses',
  'createdTime',
  'changedTime',
  'testLinks',
  'testRequests',
  'nonSecretParameterValues',
  'overallStatus',
  'authenticatedUser',
];
/** parameterValueSet is not in the published swagger; the portal and the designer send it. */
const WRITABLE = ['displayName', 'api', 'parameterValues', 'customParameterValues', 'parameterValueSet'];
const SENT_MEMBERS = ['location', 'tags', 'properties'];
const OWN_MEMBERS = new Set(['id', 'name', 'type', 'location', 'tags', 'properties']);

/** Microsoft.Web/connections. */
export const connections: Provider = { type: CONNECTION, text, put, patch, child, adopt };

function text(...[, resource, state]: Parameters<Provider['text']>): string {
  const stored = new Map(state.properties);
  const api = stored.get('api');
  if (api !== undefined) stored.set('api', shownApi(api));
  stored.delete('parameterValues');
  const shown = new Map([...state.secrets].filter(([name]) => !isSecret(name)));
  if (shown.size > 0) stored.set('nonSecretParameterValues', objectText(shown));
  stored.set('statuses', JSON.stringify([statusOf(state)]));
  if (!stored.has('customParameterValues')) stored.set('customParameterValues', '{}');
  if (state.signedIn !== undefined) {
    stored.set('authenticatedUser', JSON.stringify({ name: state.signedIn.name }));
  }
  const valueSet = stored.get('parameterValueSet');
  if (valueSet !== undefined) stored.set('parameterValueSet', shownValueSet(valueSet));
  // What is exported always has a kind; V1 is that of the Consumption plan.
  const top = state.top.has('kind') ? state.top : new Map([['kind', '"V1"'], ...state.top]);
  return documentText(resource, state, top, stored);
}

function put(call: ProviderCall): Written {
  const body = spelledAs(membersOf(call.body), SENT_MEMBERS);
  const location = checkedLocation(call, body.get('location'));
  const tags = checkedTags(body.get('tags'));
  const sent = sentProperties(body.get('properties'));
  const created = call.existing?.state.properties.get('createdTime');
  const keeps = call.world.switches.values.connectionConsentOnPut === 'kept';
  const signedIn = keeps ? call.existing?.state.signedIn : undefined;
  const others = [...body].filter(([name]) => !OWN_MEMBERS.has(name.toLowerCase()));
  return {
    state: settle(call, { location, tags, top: new Map(others), properties: sent, created, signedIn }),
  };
}

function patch(call: ExistingCall): Written {
  const { state } = call.existing;
  const body = spelledAs(membersOf(call.body), SENT_MEMBERS);
  const tags = patchedTags(state.tags, body.get('tags'), call.world.switches.values);
  const sent = sentProperties(body.get('properties') ?? '{}');
  const kept = sent.has('parameterValues') ? [] : [['parameterValues', objectText(state.secrets)] as const];
  const properties = new Map([...state.properties, ...kept, ...sent]);
  const created = state.properties.get('createdTime');
  return { state: settle(call, { ...state, tags, properties, created, signedIn: state.signedIn }) };
}

function child(_method: string, rest: readonly string[]): never {
  throw new ArmFailure(404, 'NotFound', `No resource is found at '${rest.join('/')}'.`);
}

function adopt(...[, , state, now]: Parameters<Provider['adopt']>): ResourceState {
  const time = JSON.stringify(timestamp(now));
  const properties = new Map([['createdTime', time], ['changedTime', time], ...state.properties]);
  const values = properties.get('parameterValues');
  properties.delete('parameterValues');
  return { ...state, properties, secrets: isObjectText(values) ? membersOf(values) : state.secrets };
}

interface Draft {
  readonly location: string;
  readonly tags: string | null;
  readonly top: Members;
  readonly properties: Members;
  readonly created: string | undefined;
  readonly signedIn: ResourceState['signedIn'];
}

/** Checks a connection and puts its credentials aside: no answer has them again. */
function settle(call: ProviderCall, draft: Draft): ResourceState {
  const properties = new Map(draft.properties);
  const apiId = textAt(JSON.parse(properties.get('api') ?? 'null'), 'id') ?? '';
  if (!/^\/subscriptions\/[^/]+\/.*\/(managedApis|customApis)\/[^/]+$/i.test(apiId)) {
    throw badRequest(
      `The 'properties.api.id' of the connection '${call.place.name}' is missing or not valid.`,
    );
  }
  const values = properties.get('parameterValues');
  if (!isNullText(values) && !isObjectText(values)) {
    throw invalidContent("Error converting value. Path 'properties.parameterValues'");
  }
  checkOneSignIn(properties, values);
  const changed = JSON.stringify(timestamp(call.now));
  properties.delete('parameterValues');
  properties.set('createdTime', draft.created ?? changed);
  properties.set('changedTime', changed);
  const { location, tags, top } = draft;
  const secrets = isObjectText(values) ? membersOf(values) : new Map<string, string>();
  const { signedIn } = draft;
  return { location, tags, top, properties, secrets, ...(signedIn === undefined ? {} : { signedIn }) };
}

/**
 * A connection signs in one way: `Alternative`, a value set or `parameterValues`. Empty ones beside it do no harm, as
 * https://github.com/MicrosoftDocs/azure-docs/issues/111343 shows them; how Azure words the refusal is not known.
 */
function checkOneSignIn(properties: Members, values: string | undefined): void {
  const ways = [
    ...(isAlternative(properties) ? ['parameterValueType'] : []),
    ...(valueSetName(properties) === undefined ? [] : ['parameterValueSet']),
    ...(isObjectText(values) && membersOf(values).size > 0 ? ['parameterValues'] : []),
  ];
  if (ways.length <= 1) return;
  throw badRequest(
    `A connection cannot have ${ways.map((way) => `'properties.${way}'`).join(' and ')} at once.`,
  );
}

function sentProperties(text: string | undefined): Map<string, string> {
  if (!isObjectText(text)) throw invalidContent("Required property 'properties' not found in JSON. Path ''");
  // Other names stay in their author's spelling, as published templates show them (AlternativeParameterValues).
  const properties = spelledAs(membersOf(text), [...READ_ONLY, ...WRITABLE]);
  for (const name of READ_ONLY) properties.delete(name);
  for (const [name, value] of properties) if (isNullText(value)) properties.delete(name);
  return properties;
}

/** Ready with a managed identity, Connected once somebody has signed in or with credentials; else neither. */
function statusOf(state: ResourceState): unknown {
  switch (signInOf(state).kind) {
    case 'managed-identity':
      return { status: 'Ready' };
    case 'person':
    case 'credentials':
      return { status: 'Connected' };
    case 'nobody': {
      const error = { code: 'Unauthenticated', message: 'This connection is not authenticated.' };
      return { status: 'Error', target: 'token', error };
    }
  }
}

function shownApi(api: string): string {
  const members = membersOf(api);
  const name = (textAt(JSON.parse(api), 'id') ?? '').split('/').at(-1) ?? '';
  const isManaged = /\/managedApis\//i.test(textAt(JSON.parse(api), 'id') ?? '');
  const label = name.toLowerCase() === 'keyvault' && isManaged ? 'Azure Key Vault' : name;
  return objectText(
    new Map([
      ['name', JSON.stringify(name)],
      ['displayName', JSON.stringify(label)],
      ...members,
      ['type', isManaged ? '"Microsoft.Web/locations/managedApis"' : '"Microsoft.Web/customApis"'],
    ]),
  );
}

function shownValueSet(text: string): string {
  const values = at(JSON.parse(text), 'values');
  if (!isObject(values)) return text;
  const shown = Object.fromEntries(entriesOf(values).filter(([name]) => !isSecret(name)));
  return Object.keys(shown).length === Object.keys(values).length
    ? text
    : objectText(new Map([...membersOf(text), ['values', JSON.stringify(shown)]]));
}
