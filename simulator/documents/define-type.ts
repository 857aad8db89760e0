import type { JsonObject } from '../json.js';
import type { Body, Content, Definition, DocumentCall, DocumentType } from './document-type.js';
import { readBody } from './read-body.js';
import { assignIdentities } from './resource-identity.js';

/** A document type out of its definition: the body is read, checked and completed, in that order. */
export function defineType<B extends Body>(definition: Definition<B>): DocumentType {
  const { body: schema, check, generated, ...type } = definition;
  return {
    ...type,
    write(call, sent) {
      const body = readBody(schema, sent);
      check?.(call, body);
      return contentOf(call, body, generated?.(call, body) ?? {});
    },
  };
}

function contentOf(call: DocumentCall, body: Body, generated: JsonObject): Content {
  const { location, tags, kind, sku, identity, properties } = body;
  return {
    ...(location === undefined ? {} : { location }),
    ...(tags === undefined ? {} : { tags }),
    ...(kind === undefined ? {} : { kind }),
    ...(sku === undefined ? {} : { sku: { ...sku } }),
    ...(identity === undefined ? {} : { identity: assignIdentities(call, identity) }),
    properties: { ...properties, ...generated },
  };
}
