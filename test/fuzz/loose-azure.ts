import { isJsonObject, type Json, type JsonObject } from '../../src/types/json.js';
import { tryParseResourceId } from '../../src/types/resource-id.js';
import { answeringArm, type Answer, type Asked } from './answering-arm.js';

const LIST = /\/providers\/(microsoft\.(?:keyvault\/vaults|logic\/workflows|web\/connections))$/;
const page = (items: readonly string[]): Answer => ({ status: 200, body: `{"value":[${items.join(',')}]}` });

/**
 * An ARM that keeps whatever it is given, in any form, and applies writes as Azure does: PATCH merges the properties,
 * PUT takes the place of the document. It checks nothing and knows no resource.
 */
export function looseAzure() {
  /** By the resource's id in lower case, as text. */
  const texts = new Map<string, string>();
  /** By the last part of their path, in lower case. */
  const lists = new Map<string, readonly Json[]>();
  const writes: (Asked & { readonly key: string; readonly before: string; readonly after: string })[] = [];

  const arm = answeringArm((asked): Answer => {
    const path = decodeURIComponent(new URL(asked.url).pathname).toLowerCase();
    return asked.method === 'GET' ? read(path) : write(path, asked);
  });

  function read(path: string): Answer {
    const text = texts.get(path);
    if (text !== undefined) return { status: 200, body: text };
    const kind = LIST.exec(path)?.[1];
    if (kind !== undefined)
      return page([...texts].filter(([key]) => key.includes(`/${kind}/`)).map(([, one]) => one));
    const list = lists.get(path.slice(path.lastIndexOf('/') + 1));
    if (list !== undefined) return page(list.map((one) => JSON.stringify(one)));
    return { status: 404, body: '{"error":{"code":"ResourceNotFound"}}' };
  }

  function write(path: string, asked: Asked): Answer {
    const key = tryParseResourceId(path.split('/').slice(0, 9).join('/'))?.key ?? path;
    const before = texts.get(key) ?? 'null';
    const document = JSON.parse(before) as Json;
    const sent = JSON.parse(asked.body) as JsonObject;
    const answer = (after: string, body: string): Answer => {
      writes.push({ ...asked, key, before, after });
      return { status: 200, body };
    };
    if (path === key) {
      const after = JSON.stringify(applied(asked.method, key, document, sent));
      texts.set(key, after);
      return answer(after, after);
    }
    if (path.endsWith('/accesspolicies/replace')) {
      const after = JSON.stringify(withPolicies(document, sent));
      texts.set(key, after);
      return answer(after, asked.body);
    }
    const name = path.slice(path.lastIndexOf('/') + 1);
    const others = (lists.get('diagnosticsettings') ?? []).filter(
      (one) => !isJsonObject(one) || one.name !== name,
    );
    lists.set('diagnosticsettings', [...others, { name, ...sent }]);
    return answer(before, asked.body);
  }

  return { ...arm, texts, lists, writes };
}

const propertiesIn = (document: Json): JsonObject =>
  isJsonObject(document) && isJsonObject(document.properties) ? document.properties : {};

const policiesIn = (document: Json): readonly Json[] => {
  const { accessPolicies } = propertiesIn(document);
  return Array.isArray(accessPolicies) ? (accessPolicies as readonly Json[]) : [];
};

/** Of a principal that is named, what is sent takes the place of what there was. */
function withPolicies(before: Json, sent: JsonObject): JsonObject {
  const nameOf = (policy: Json): unknown =>
    isJsonObject(policy) ? JSON.stringify(policy.objectId ?? null).toLowerCase() : policy;
  const named = policiesIn(sent);
  const others = policiesIn(before).filter((one) => !named.some((other) => nameOf(other) === nameOf(one)));
  const properties = { ...propertiesIn(before), accessPolicies: [...others, ...named] };
  return { ...(before as JsonObject), properties };
}

function applied(method: string, id: string, before: Json, sent: JsonObject): JsonObject {
  const systemData = { lastModifiedBy: 'o', lastModifiedAt: new Date().toISOString() };
  if (method === 'PUT' || !isJsonObject(before)) return { id, ...sent, systemData };
  const properties = { ...propertiesIn(before), ...propertiesIn(sent) };
  return { ...before, properties, systemData };
}
