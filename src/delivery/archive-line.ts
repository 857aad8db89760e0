import type { AuditRecord } from '../types/record.js';
import { canonicalJson, sha256Of } from './canonical-json.js';

/** A place in the chain. */
export interface Link {
  /** From 1, without a gap, over all blobs. */
  readonly seq: number;
  /** SHA-256, in hex. */
  readonly hash: string;
}

/** What the first line of an archive goes on from. */
export const GENESIS: Link = { seq: 0, hash: '0'.repeat(64) };

/** What a line says: a record, or, in the last line of a blob, in which blob the chain goes on. */
export type LineContent = { readonly record: AuditRecord } | { readonly next: string };

export interface ArchiveLine {
  readonly link: Link;
  readonly prev: string;
  readonly content: LineContent;
}

/**
 * The line that comes after `prev`, without its end. The hash is over the canonical JSON of the line without `hash`, and with
 * the name of the blob that it stands in: `{ blob, prev, record, seq }`.
 */
export function lineAfter(prev: Link, blob: string, content: LineContent): { text: string; link: Link } {
  const seq = prev.seq + 1;
  const hash = sha256Of({ blob, seq, prev: prev.hash, ...content });
  const text = `{"seq":${seq},"prev":"${prev.hash}","hash":"${hash}",${canonicalJson(content).slice(1)}`;
  return { text, link: { seq, hash } };
}

/** Null for what is not a line of an archive; whether its hash is right is not looked at. */
export function parseLine(text: string): ArchiveLine | null {
  let line: unknown;
  try {
    line = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof line !== 'object' || line === null) return null;
  const { seq, prev, hash, record, next, ...others } = line as Readonly<Record<string, unknown>>;
  if (typeof seq !== 'number' || !Number.isSafeInteger(seq) || !isHash(prev) || !isHash(hash)) return null;
  if (Object.keys(others).length > 0) return null;
  const link = { seq, hash };
  if (typeof next === 'string' && record === undefined) return { link, prev, content: { next } };
  const isRecord = typeof record === 'object' && record !== null && next === undefined;
  return isRecord ? { link, prev, content: { record: record as AuditRecord } } : null;
}

/** Whether a line is, to the byte, the one that belongs in its place and blob. */
export function isGenuine(text: string, { link, prev, content }: ArchiveLine, blob: string): boolean {
  return text === lineAfter({ seq: link.seq - 1, hash: prev }, blob, content).text;
}

function isHash(value: unknown): value is string {
  return typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);
}
