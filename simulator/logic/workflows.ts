import { invalidContent } from '../arm/arm-error.js';
import { textAt } from '../json.js';
import { checkedLocation } from '../arm/location.js';
import type { ExistingCall, Provider, ProviderCall, Written } from '../arm/provider.js';
import { isNullText, isObjectText, membersOf, objectText, spelledAs, type Members } from '../raw-json.js';
import { WORKFLOW } from '../resource-types.js';
import { documentText, type ResourceState } from '../resource.js';
import { timestamp } from '../arm/system-data.js';
import { checkedTags } from '../arm/tags.js';
import { checkConnectionIdentities } from './check-connection-identities.js';
import { triggerAtOnce, versionOf, workflowChild } from './workflow-children.js';
import {
  checkIfMatch,
  checkIntegrationAccount,
  demandConnections,
  stateAfter,
} from './workflow-conditions.js';
import { checkDefinition } from './workflow-definition.js';
import { accessEndpoint, endpointsConfiguration } from './workflow-endpoints.js';
import { takeIdentity } from './workflow-identity.js';
import { hideSecrets, shownParameters, takeParameters } from './workflow-parameters.js';
import { nextVersion } from './workflow-versions.js';

/** Worked out when a workflow is shown, and never stored. */
const COMPUTED = ['provisioningState', 'accessEndpoint', 'sku', 'endpointsConfiguration'];
/** Set by the service. The designer sends a whole GET back, so what comes of these is passed over, not refused. */
const READ_ONLY = [...COMPUTED, 'createdTime', 'changedTime', 'version'];
const WRITABLE = ['state', 'accessControl', 'integrationAccount', 'definition', 'parameters'];
const SENT_MEMBERS = ['location', 'tags', 'properties', 'identity'];
const OWN_MEMBERS = new Set(['id', 'name', 'type', 'location', 'tags', 'properties', 'identity']);

/** Microsoft.Logic/workflows (Consumption). */
export const workflows: Provider = {
  type: WORKFLOW,
  text,
  put,
  patch,
  child: (method, rest) =>
    workflowChild(method, rest, (call, resource, state) => text(call.world, resource, state)),
  adopt,
};

function text(...[world, resource, state]: Parameters<Provider['text']>): string {
  const stored = state.properties;
  const properties = new Map([['provisioningState', '"Succeeded"']]);
  for (const name of ['createdTime', 'changedTime', 'state', 'version']) {
    properties.set(name, stored.get(name) ?? 'null');
  }
  properties.set('accessEndpoint', JSON.stringify(accessEndpoint(resource, state.location)));
  properties.set('sku', '{"name":"NotSpecified"}');
  for (const [name, value] of stored) if (!properties.has(name)) properties.set(name, value);
  const shown = world.switches.values.secureParameterOnGet;
  const parameters = stored.get('parameters') ?? '{}';
  properties.set('parameters', shownParameters(parameters, stored.get('definition'), shown));
  const account = stored.get('integrationAccount');
  if (account !== undefined) properties.set('integrationAccount', shownAccount(account));
  properties.set('endpointsConfiguration', endpointsConfiguration(world, state.location));
  return documentText(resource, state, state.top, properties);
}

function put(call: ProviderCall): Written {
  const { world, existing } = call;
  checkIfMatch(call);
  const body = spelledAs(membersOf(call.body), SENT_MEMBERS);
  const location = checkedLocation(call, body.get('location'));
  const tags = checkedTags(body.get('tags'));
  const sent = writableProperties(body.get('properties'));
  const definitionText = sent.get('definition') ?? 'null';
  const definition: unknown = JSON.parse(definitionText);
  const switches = world.switches.values;
  checkDefinition(definition, definitionText, switches);
  const parameters = takeParameters(
    sent.get('parameters'),
    definition,
    definitionText,
    existing?.state.secrets ?? new Map<string, string>(),
    switches.secureValueOmitted,
  );
  checkIntegrationAccount(existing?.state.properties, sent);
  demandConnections(call, sent.get('parameters'), existing?.state.properties.get('parameters'));
  const identity = takeIdentity(call, body.get('identity'));
  checkConnectionIdentities(world, sent.get('parameters'), identity);
  const state = stateAfter(call, sent.get('state'));
  const properties = new Map([
    ...sent,
    ['parameters', parameters.text],
    ['state', JSON.stringify(state)],
    ...timesAndVersion(call),
  ]);
  const trigger = state === 'Enabled' ? triggerAtOnce(definition) : undefined;
  return {
    state: { location, tags, top: topOf(body, identity), properties, secrets: parameters.secrets },
    ...(trigger === undefined ? {} : { startsRun: trigger }),
  };
}

/** The specification has PATCH without a body, and the SDK sends none: nothing changes, whatever is sent. */
function patch(call: ExistingCall): Written {
  return { state: call.existing.state };
}

/** A workflow put into the estate as it is gets what the service would have set. */
function adopt(...[, , state, now]: Parameters<Provider['adopt']>): ResourceState {
  const time = JSON.stringify(timestamp(now));
  const properties = new Map([
    ['state', '"Enabled"'],
    ['createdTime', time],
    ['changedTime', time],
    ['version', JSON.stringify(nextVersion(now, undefined))],
    ...spelledAs(state.properties, [...READ_ONLY, ...WRITABLE]),
  ]);
  for (const name of COMPUTED) properties.delete(name);
  const definition: unknown = JSON.parse(properties.get('definition') ?? '{}');
  const parameters = hideSecrets(properties.get('parameters') ?? '{}', definition);
  properties.set('parameters', parameters.text);
  return { ...state, properties, secrets: parameters.secrets };
}

function timesAndVersion({
  existing,
  now,
  world,
  place,
}: ProviderCall): readonly (readonly [string, string])[] {
  const changed = JSON.stringify(timestamp(now));
  // Deleted and made anew within a tick of our clock: never the same number twice.
  const last = existing ?? world.estate.deletedAt(place);
  const version = nextVersion(now, last === undefined ? undefined : versionOf(last.state));
  return [
    ['createdTime', existing?.state.properties.get('createdTime') ?? changed],
    ['changedTime', changed],
    ['version', JSON.stringify(version)],
  ];
}

function writableProperties(text: string | undefined): Map<string, string> {
  if (!isObjectText(text)) throw invalidContent("Required property 'properties' not found in JSON. Path ''");
  const properties = spelledAs(membersOf(text), [...READ_ONLY, ...WRITABLE]);
  for (const name of READ_ONLY) properties.delete(name);
  for (const name of WRITABLE) if (isNullText(properties.get(name))) properties.delete(name);
  return properties;
}

function topOf(body: Members, identity: string | undefined): Members {
  const others = [...body].filter(([name]) => !OWN_MEMBERS.has(name.toLowerCase()));
  return new Map([...(identity === undefined ? [] : [['identity', identity] as const]), ...others]);
}

/** The service adds name and type to the id. */
function shownAccount(account: string): string {
  if (!isObjectText(account)) return account;
  const segments = (textAt(JSON.parse(account), 'id') ?? '').split('/');
  return objectText(
    new Map([
      ['name', JSON.stringify(segments.at(-1) ?? '')],
      ...membersOf(account),
      ['type', JSON.stringify(segments.slice(-3, -1).join('/'))],
    ]),
  );
}
