import type { DocumentType } from './document-type.js';
import { DOCUMENT_TYPES } from './document-types.js';

/** A path to a resource that is kept as a document, or to something that is done with it. */
export interface DocumentRoute {
  readonly kind: 'document';
  readonly subscriptionId: string;
  readonly group: string;
  readonly type: DocumentType;
  /** Of the resource and of what it lies below, from the outside in. */
  readonly names: readonly string[];
  /** What is done, in lower case; null for the resource itself. */
  readonly action: string | null;
}

/** A path to the resources of one such type in a resource group; none that lie below another one. */
export interface DocumentsRoute {
  readonly kind: 'documents';
  readonly subscriptionId: string;
  readonly group: string;
  readonly type: DocumentType;
}

/** `segments` begin with the namespace. Null for what is no list of documents. */
export function documentsRoute(
  subscriptionId: string,
  group: string,
  segments: readonly string[],
): DocumentsRoute | null {
  const type = segments.length === 2 ? documentTypeNamed(segments.join('/')) : undefined;
  return type === undefined ? null : { kind: 'documents', subscriptionId, group, type };
}

/** `segments` begin with the namespace. Null for what is no document; the longest type that fits counts. */
export function documentRoute(
  subscriptionId: string,
  group: string,
  segments: readonly string[],
): DocumentRoute | null {
  const [namespace = '', ...pairs] = segments;
  const isAction = pairs.length % 2 === 1;
  const named = isAction ? pairs.slice(0, -1) : pairs;
  const types = named.filter((_, i) => i % 2 === 0);
  const names = named.filter((_, i) => i % 2 === 1);
  const type = documentTypeNamed([namespace, ...types].join('/'));
  const action = isAction ? (pairs.at(-1) ?? '').toLowerCase() : null;
  if (type === undefined || (action !== null && type.actions?.[action] === undefined)) return null;
  return { kind: 'document', subscriptionId, group, type, names, action };
}

export function documentTypeNamed(type: string): DocumentType | undefined {
  const wanted = type.toLowerCase();
  return DOCUMENT_TYPES.find((known) => known.type.toLowerCase() === wanted);
}

/** The full id of a document whose names are these. */
export function documentId(
  subscriptionId: string,
  group: string,
  type: DocumentType,
  names: readonly string[],
): string {
  const [namespace = '', ...types] = type.type.split('/');
  const path = types.flatMap((part, i) => [part, names[i] ?? '']);
  return `/subscriptions/${subscriptionId}/resourceGroups/${group}/providers/${[namespace, ...path].join('/')}`;
}
