import { findNodeAtLocation, parseTree, type JSONPath, type Node } from 'jsonc-parser';
import { isSameJson } from '../../types/apply-edits.js';
import { isJsonObject, type JsonObject } from '../../types/json.js';
import { propertiesOf } from '../../types/observation.js';
import { SAVED } from './lost-save.js';
import { LossyWriteError } from '../write/workflow-put.js';

/**
 * A workflow's text with what a version of it holds in place of what stands there, byte for byte: `JSON.parse` alone
 * would lose digits. What the version does not show stays as it is, and of its properties what is not of `keys`. Throws
 * {@link LossyWriteError}.
 */
export function overlaySave(text: string, version: string, keys: readonly string[] = SAVED): string {
  const [live, saved] = [parseTree(text), parseTree(version)];
  if (live === undefined || saved === undefined) throw unreadable();
  const pieces = [...keys.map((key): JSONPath => ['properties', key]), ['tags']]
    .flatMap((path) => pieceOf(live, saved, version, path))
    .sort((a, b) => b.offset - a.offset);
  const result = pieces.reduce(
    (edited, { offset, length, content }) =>
      edited.slice(0, offset) + content + edited.slice(offset + length),
    text,
  );
  if (!isSameJson(JSON.parse(result) as JsonObject, overlaid(text, version, keys))) throw unreadable();
  return result;
}

interface Piece {
  readonly offset: number;
  readonly length: number;
  readonly content: string;
}

function pieceOf(live: Node, saved: Node, version: string, path: JSONPath): readonly Piece[] {
  const from = findNodeAtLocation(saved, path);
  if (from === undefined || from.type === 'null') return [];
  const content = version.slice(from.offset, from.offset + from.length);
  const to = findNodeAtLocation(live, path);
  if (to !== undefined) return [{ offset: to.offset, length: to.length, content }];
  const parent = findNodeAtLocation(live, path.slice(0, -1)) ?? live;
  if (parent.type !== 'object') throw unreadable();
  const isEmpty = (parent.children ?? []).length === 0;
  const member = `${JSON.stringify(path.at(-1))}:${content}${isEmpty ? '' : ','}`;
  return [{ offset: parent.offset + 1, length: 0, content: member }];
}

function overlaid(text: string, version: string, keys: readonly string[]): JsonObject {
  const [live, saved] = [JSON.parse(text) as JsonObject, JSON.parse(version) as JsonObject];
  const properties = propertiesOf(saved);
  const taken = keys.flatMap((key) => {
    const value = properties[key];
    return value === undefined || value === null ? [] : [[key, value] as const];
  });
  const tags = isJsonObject(saved.tags) ? { tags: saved.tags } : {};
  return { ...live, ...tags, properties: { ...propertiesOf(live), ...Object.fromEntries(taken) } };
}

function unreadable(): LossyWriteError {
  return new LossyWriteError(
    'The version cannot be put into the workflow without touching something else; it was left alone.',
  );
}
