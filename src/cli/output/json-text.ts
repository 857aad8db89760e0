import { visibly } from '../../log-line.js';

/** A value as JSON that people can read, too; what a terminal would obey is escaped in it. */
export function jsonText(value: unknown): string {
  const lines = JSON.stringify(value, null, 2).split('\n');
  return `${lines.map(visibly).join('\n')}\n`;
}
