import type { Node } from 'jsonc-parser';
import { isJsonObject, type Json } from '../types/json.js';

/** How a file is laid out, so that what is put into it looks as if it had always been there. */
export interface Layout {
  readonly eol: string;
  /** One level of indentation. */
  readonly step: string;
  /** Between a key and its value. */
  readonly colon: string;
  /** Between members that share a line. */
  readonly comma: string;
  /** The white space that the line of an offset begins with. */
  readonly indentAt: (offset: number) => string;
  /** Whether what is in an object or a list stands on lines of its own. */
  readonly isSpread: (node: Node) => boolean;
}

export function layoutOf(text: string): Layout {
  const isMinified = !/[\r\n]/.test(text.trim());
  const isTight = /":\S/.test(text) && !/": /.test(text);
  return {
    eol: isMinified ? '' : (/\r\n|\n|\r/.exec(text)?.[0] ?? '\n'),
    step: isMinified ? '' : (/[\r\n]([ \t]+)"/.exec(text)?.[1] ?? '  '),
    colon: isTight ? ':' : ': ',
    comma: isTight ? ',' : ', ',
    indentAt: (offset) => {
      const start = Math.max(text.lastIndexOf('\n', offset - 1), text.lastIndexOf('\r', offset - 1)) + 1;
      return /^[ \t]*/.exec(text.slice(start, offset))?.[0] ?? '';
    },
    isSpread: (node) => {
      const first = node.children?.[0];
      return first !== undefined && /[\r\n]/.test(text.slice(node.offset, first.offset));
    },
  };
}

/** A value as the file would have it, behind `indent`; on one line where that is null. */
export function written(value: Json, indent: string | null, layout: Layout): string {
  const { eol, step, colon, comma } = layout;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const inner = indent === null ? null : indent + step;
  const items = isJsonObject(value)
    ? Object.entries(value).map(
        ([key, member]) => `${JSON.stringify(key)}${colon}${written(member ?? null, inner, layout)}`,
      )
    : value.map((item) => written(item, inner, layout));
  const [open, close] = isJsonObject(value) ? ['{', '}'] : ['[', ']'];
  if (items.length === 0) return open + close;
  if (inner === null || eol === '') return `${open}${items.join(comma)}${close}`;
  return `${open}${eol}${inner}${items.join(`,${eol}${inner}`)}${eol}${indent ?? ''}${close}`;
}
