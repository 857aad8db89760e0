import { readFileSync } from 'node:fs';
import { type ParseError, parse, printParseErrorCode } from 'jsonc-parser';

/** Reads host.json and the like, which may hold comments: the Functions host and its tools accept them. */
export function readJsonObject(file: string): Record<string, unknown> {
  const errors: ParseError[] = [];
  const text = readFileSync(file, 'utf8').replace(/^\uFEFF/, '');
  const content: unknown = parse(text, errors, { allowTrailingComma: true });
  const [first] = errors;
  if (first) {
    throw new Error(`${file} is not JSON: ${printParseErrorCode(first.error)} at offset ${first.offset}.`);
  }
  if (!isJsonObject(content)) throw new Error(`${file} must hold a JSON object.`);
  return content;
}

export function isJsonObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
