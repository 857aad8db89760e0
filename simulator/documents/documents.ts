import type { Document, DocumentType } from './document-type.js';

/** The resources that are kept as documents, by id. */
export class Documents {
  readonly #all = new Map<string, Document>();

  find(id: string): Document | undefined {
    return this.#all.get(id.toLowerCase());
  }

  ofType(type: DocumentType): readonly Document[] {
    return [...this.#all.values()].filter((document) => document.type.type === type.type);
  }

  get all(): readonly Document[] {
    return [...this.#all.values()];
  }

  put(document: Document): void {
    this.#all.set(document.key, document);
  }

  /** A document and all that lies below it. */
  under(id: string): readonly Document[] {
    const key = id.toLowerCase();
    return this.all.filter((document) => document.key === key || document.key.startsWith(`${key}/`));
  }

  remove(id: string): void {
    this.#all.delete(id.toLowerCase());
  }
}
