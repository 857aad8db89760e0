import { valueAt } from '../../src/types/apply-edits.js';
import { isJsonObject, type Json } from '../../src/types/json.js';
import type { Invocation } from '../world/host.js';
import type { Evidence } from './evidence.js';
import type { Exchange } from '../world/wire.js';
import { documentIn, parsed } from './own-writes.js';

/** A workflow or connection as Holdfast has read it, and from when on it must know of it. */
export interface Known {
  /** The id in lower case. */
  readonly key: string;
  readonly document: Json;
  /** When the answer came. */
  readonly readAt: number;
  /** When the function that read it was over; null where it failed, or what it read need not have been kept. */
  readonly knownFrom: number | null;
}

const TYPES = {
  workflow: /\/providers\/Microsoft\.Logic\/workflows(\/[^/]+)?$/i,
  connection: /\/providers\/Microsoft\.Web\/connections(\/[^/]+)?$/i,
};

/**
 * Every workflow or connection that an answer showed. It is known for certain where a list showed it in a function that came to its
 * end (the sweep, or the first look of all), or a GET in the function of an event about it.
 */
export function known(world: Evidence, type: keyof typeof TYPES): readonly Known[] {
  return world.wire.flatMap((exchange) => {
    const { answer, path, method } = exchange;
    if (method !== 'GET' || answer?.kind !== 'response' || answer.status !== 200) return [];
    const match = TYPES[type].exec(path);
    if (match === null) return [];
    const documents = match[1] === undefined ? valueAt(safe(exchange), '/value') : [safe(exchange)];
    if (!Array.isArray(documents)) return [];
    const isList = match[1] === undefined;
    return (documents as readonly Json[]).flatMap((document): readonly Known[] => {
      const id = valueAt(document, '/id');
      if (typeof id !== 'string') return [];
      const knownFrom = endOf(world.invocations, exchange, answer.at, isList ? null : id);
      return [{ key: id.toLowerCase(), document, readAt: answer.at, knownFrom }];
    });
  });
}

function safe(exchange: Exchange): Json {
  try {
    return documentIn(exchange);
  } catch {
    return null;
  }
}

/** Of a sweep whose process is not known by the name that its requests have. */
export const ANY_INSTANCE = '*';

/** When every function that may have read it was over, each with success; null where one was not. */
function endOf(
  invocations: readonly Invocation[],
  { instance }: Exchange,
  at: number,
  resource: string | null,
): number | null {
  const around = invocations.filter(
    (one) =>
      (one.instance === ANY_INSTANCE || one.instance === instance) &&
      one.startedAt <= at &&
      one.endedAt >= at &&
      (resource === null || (one.kind === 'event' && isAbout(one, resource))),
  );
  if (around.length === 0 || around.some(({ result }) => result !== 'done')) return null;
  return Math.max(...around.map(({ endedAt }) => endedAt));
}

function isAbout({ resourceUri }: Invocation, resource: string): boolean {
  return resourceUri?.toLowerCase().startsWith(resource.toLowerCase()) === true;
}

/** The addresses from which a workflow's connectors call. */
export function connectorAddresses(workflow: Json): readonly string[] {
  const list = valueAt(workflow, '/properties/endpointsConfiguration/connector/outgoingIpAddresses');
  if (!Array.isArray(list)) return [];
  return (list as readonly Json[]).flatMap((one) => {
    const address = valueAt(one, '/address');
    return typeof address === 'string' ? [address] : [];
  });
}

/** The connections that a workflow names and has an action for, in lower case. */
export function connectionsOf(workflow: Json): readonly string[] {
  const value = valueAt(workflow, '/properties/parameters/$connections/value');
  if (!isJsonObject(value)) return [];
  const definition = JSON.stringify(valueAt(workflow, '/properties/definition') ?? null);
  return Object.entries(value).flatMap(([key, reference]) => {
    const id = valueAt(reference ?? null, '/connectionId');
    return typeof id === 'string' && definition.includes(`['${key}']`) ? [id.toLowerCase()] : [];
  });
}

/** The name of the vault that a connection leads to, in lower case; null where it is none to a vault. */
export function vaultOf(connection: Json): string | null {
  const api = valueAt(connection, '/properties/api/id');
  if (typeof api !== 'string' || !/\/managedApis\/keyvault$/i.test(api)) return null;
  const name =
    valueAt(connection, '/properties/alternativeParameterValues/vaultName') ??
    valueAt(connection, '/properties/nonSecretParameterValues/vaultName');
  return typeof name === 'string' ? name.toLowerCase() : null;
}

/** A resource as it was at a moment of the journal; null where there was none. */
export function documentAt(world: Evidence, id: string, sequence: number): Json {
  const last = world.azure.journal
    .changes({ resourceId: id })
    .findLast((change) => change.sequence < sequence);
  return parsed(last?.after);
}

/** Whether a connection to a vault signs in with what is stored in it. */
export function keepsCredentials(connection: Json): boolean {
  const grant = valueAt(connection, '/properties/nonSecretParameterValues/token:grantType');
  return vaultOf(connection) !== null && typeof grant === 'string';
}
