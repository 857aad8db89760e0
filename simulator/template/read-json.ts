import {
  createScanner,
  parseTree,
  printParseErrorCode,
  stripComments,
  type Node,
  type ParseError,
  SyntaxKind,
} from 'jsonc-parser';
import { maxJsonDepth, maxText } from './budget.js';
import { TemplateError } from './template-error.js';

/** Text and its tree, whose offsets point into it. */
export interface JsonDocument {
  readonly text: string;
  readonly root: Node;
}

/** Reads JSON as ARM reads a template: with a byte order mark and comments, which end here. */
export function readJson(source: string): JsonDocument {
  const withComments = source.replace(/^\uFEFF/, '');
  if (withComments.length > maxText) throw new TemplateError('The text is too long for a template.');
  refuseDepth(withComments);
  const errors: ParseError[] = [];
  parseTree(withComments, errors);
  const [error] = errors;
  if (error !== undefined) {
    const { line, column } = position(withComments, error.offset);
    throw new TemplateError(
      `The text is not JSON: ${printParseErrorCode(error.error)} at line ${line}, column ${column}.`,
    );
  }
  const text = stripComments(withComments);
  try {
    JSON.parse(text);
  } catch (cause) {
    throw new TemplateError(`The text is not JSON: ${cause instanceof Error ? cause.message : ''}`, {
      cause,
    });
  }
  const root = parseTree(text);
  if (root === undefined) throw new TemplateError('The text is empty.');
  return { text, root };
}

/** The parser below recurses, so what is too deep for it is found before it. */
function refuseDepth(text: string): void {
  const scanner = createScanner(text, true);
  let depth = 0;
  for (let kind = scanner.scan(); kind !== SyntaxKind.EOF; kind = scanner.scan()) {
    if (kind === SyntaxKind.OpenBraceToken || kind === SyntaxKind.OpenBracketToken) depth += 1;
    if (kind === SyntaxKind.CloseBraceToken || kind === SyntaxKind.CloseBracketToken) depth -= 1;
    if (depth > maxJsonDepth) throw new TemplateError(`The JSON nests more than ${maxJsonDepth} deep.`);
  }
}

function position(text: string, offset: number): { line: number; column: number } {
  const lines = text.slice(0, offset).split('\n');
  return { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 };
}
