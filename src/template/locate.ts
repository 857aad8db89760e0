import { lineStartsOf, positionAt, reach, type JsonDocument, type Position } from './json-document.js';

/** A stretch of a file; `end` is behind its last character. */
export interface Region {
  readonly start: Position;
  readonly end: Position;
}

/** Tells where things are in a document. */
export interface Locator {
  /** What stands at a pointer, or the nearest thing around it: a key with its value, where that is short. */
  readonly regionOf: (pointer: string) => Region;
  /** A stretch by its offset and length. */
  readonly stretch: (offset: number, length: number) => Region;
}

export function locatorOf({ text, root }: JsonDocument): Locator {
  const starts = lineStartsOf(text);
  const stretch = (offset: number, length: number): Region => ({
    start: positionAt(starts, offset),
    end: positionAt(starts, offset + length),
  });
  return {
    stretch,
    regionOf: (pointer) => {
      const { node, property } = reach(root, pointer);
      const isLong = node.type === 'object' || node.type === 'array';
      if (property === null) return stretch(node.offset, isLong ? 1 : node.length);
      const key = property.children?.[0];
      return stretch(property.offset, isLong ? (key?.length ?? 1) : property.length);
    },
  };
}
