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
  constructor(why: string) {
    super(why, EXIT.usage);
  }
}

/** Throws {@link UnreadableFileError}, and what the operating system says. */
export async function readText(path: string): Promise<FileText> {
  const file = await open(path, 'r');
  try {
    const stat = await file.stat();
    if (!stat.isFile()) throw new UnreadableFileError('it is no regular file');
    if (stat.size > MAX_BYTES)
      throw new UnreadableFileError(`it is larger than ${MAX_BYTES / 1024 / 1024} MB, and Azure takes 4 MB`);
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
    throw new UnreadableFileError('it is neither UTF-8 nor UTF-16, which is what JSON is written in');
  }
}

export function encode(text: string, encoding: FileText['encoding']): Buffer {
  return Buffer.from(text, encoding);
}
