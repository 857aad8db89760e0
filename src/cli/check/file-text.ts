import { open } from 'node:fs/promises';
import { CommandError, EXIT } from '../exit-code.js';

/**
 * Far beyond the 4 MB that Azure takes of a template
 * (https://learn.microsoft.com/azure/azure-resource-manager/templates/best-practices#template-limits).
 */
const MAX_BYTES = 16 * 1024 * 1024;

/** A file's text, and the bytes that it was made of: what is written back is compared with them. */
export interface FileText {
  readonly text: string;
  readonly bytes: Buffer;
  readonly encoding: 'utf8' | 'utf16le';
}

/** What is said of a file that is not read; it is a sentence without its subject. */
export class UnreadableFileError extends CommandError {
  constructor(
    why: string,
    /** What it begins with, where it was opened: whether it was meant to be looked at may be told from that. */
    readonly beginning: string | null = null,
  ) {
    super(why, EXIT.usage);
  }
}

/** `$schema` and the first resource of a template stand within it. */
const BEGINNING_BYTES = 64 * 1024;

/** Throws {@link UnreadableFileError}, and what the operating system says. */
export async function readText(path: string): Promise<FileText> {
  const file = await open(path, 'r');
  try {
    const stat = await file.stat();
    if (!stat.isFile()) throw new UnreadableFileError('it is no regular file');
    if (stat.size > MAX_BYTES) {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(BEGINNING_BYTES), 0, BEGINNING_BYTES, 0);
      throw new UnreadableFileError(
        `it is larger than ${MAX_BYTES / 1024 / 1024} MB, and Azure takes 4 MB`,
        beginningOf(buffer.subarray(0, bytesRead)),
      );
    }
    return decode(await file.readFile());
  } finally {
    await file.close();
  }
}

/** PowerShell's `>` writes UTF-16. */
function decode(bytes: Buffer): FileText {
  const encoding = bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf16le' : 'utf8';
  const decoder = new TextDecoder(encoding === 'utf8' ? 'utf-8' : 'utf-16le', {
    fatal: true,
    ignoreBOM: true,
  });
  try {
    return { text: decoder.decode(bytes), bytes, encoding };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new UnreadableFileError(
      'it is neither UTF-8 nor UTF-16, which is what JSON is written in',
      beginningOf(bytes),
    );
  }
}

/** What of it is ASCII, whatever it is written in: UTF-16 has a zero beside each. */
function beginningOf(bytes: Buffer): string {
  return bytes.subarray(0, BEGINNING_BYTES).toString('latin1').replaceAll('\0', '');
}

export function encode(text: string, encoding: FileText['encoding']): Buffer {
  return Buffer.from(text, encoding);
}
