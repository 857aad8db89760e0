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

  /** What lies below it goes with it. */
  remove(id: string): void {
    const key = id.toLowerCase();
    for (const known of this.#all.keys()) {
      if (known === key || known.startsWith(`${key}/`)) this.#all.delete(known);
    }
  }
}
