import type { Document } from './document-type.js';

/** As a GET shows it. */
export function documentText(document: Document): string {
  const { id, name, type } = document;
  return JSON.stringify({ id, name, type: type.type, ...(type.shown?.(document) ?? document.content) });
}
