import type { z } from 'zod';
import type { ArmAnswer, ArmCall } from '../arm/arm-call.js';
import type { JsonObject } from '../json.js';
import type { Principal } from '../principal.js';
import type { World } from '../world.js';

/** Where a document is to go: its place is known before it exists. */
export interface DocumentPlace {
  readonly id: string;
  /** The id in lower case. */
  readonly key: string;
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  /** The last part of the name. */
  readonly name: string;
  /** Null for a resource that is nobody's child. */
  readonly parentId: string | null;
}

/** A resource of which nothing has to be kept byte for byte: its content is what a GET shows beside id, name and type. */
export interface Document extends DocumentPlace {
  readonly type: DocumentType;
  readonly content: Content;
}

export interface Content {
  readonly location?: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly kind?: string;
  readonly etag?: string;
  readonly sku?: JsonObject;
  readonly identity?: JsonObject;
  readonly properties: JsonObject;
}

export interface DocumentCall {
  readonly world: World;
  readonly principal: Principal;
  readonly place: DocumentPlace;
  readonly existing: Document | undefined;
}

/** A resource type that is kept as documents: what a request may say, and what the service makes of it. */
export interface DocumentType {
  /** E.g. `Microsoft.Storage/storageAccounts/blobServices`. */
  readonly type: string;
  /** Those whose bodies this type was checked against. */
  readonly apiVersions: readonly string[];
  /** Of the last part of the name. */
  readonly name: RegExp;
  /** The content after a PUT of this body. Throws what the service answers to one that it does not take. */
  readonly write: (call: DocumentCall, body: unknown) => Content;
  /** What else changes once it is stored. */
  readonly stored?: (world: World, document: Document) => void;
  /** Throws what the service answers where one must not be deleted, alone or with what it lies below. */
  readonly demandDeletable?: (world: World, document: Document) => void;
  /** What else changes once one is gone. */
  readonly removed?: (world: World, document: Document) => void;
  /** What a GET shows, where that is not the content. */
  readonly shown?: (document: Document) => Content;
  /** By the path below the resource, in lower case, with POST. */
  readonly actions?: Readonly<Record<string, (call: ArmCall, document: Document) => ArmAnswer>>;
}

/** What a body may hold, in Azure's spelling; `properties` may be left out where nothing in it is required. */
export interface Body {
  readonly location?: string | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
  readonly kind?: string | undefined;
  readonly sku?: object | undefined;
  readonly identity?: object | undefined;
  readonly properties?: object | undefined;
}

export interface Definition<B extends Body> extends Omit<DocumentType, 'write'> {
  /** Strict: Azure's own words for what does not fit are made of its issues. */
  readonly body: z.ZodType<B>;
  /** Throws for a body that is well formed and still refused. */
  readonly check?: (call: DocumentCall, body: B) => void;
  /** The properties that the service makes itself. */
  readonly generated?: (call: DocumentCall, body: B) => JsonObject;
}
