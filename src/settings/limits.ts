import { z } from 'zod';
import type { MaxChanges } from '../types/max-changes.js';

/** Days and smaller only: a month has no fixed length (ISO 8601-1, 5.5.2). */
const DURATION =
  /^P(?=\d|T\d)(?:(\d{1,5})W)?(?:(\d{1,5})D)?(?:T(?=\d)(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,6})S)?)?$/;
const UNIT_MS = [7 * 86_400_000, 86_400_000, 3_600_000, 60_000, 1000];

export const duration = z
  .string()
  .default('P7D')
  .transform((text, context) => {
    const match = DURATION.exec(text);
    if (match === null) {
      context.addIssue(
        `"${text}" is not an ISO 8601 duration in weeks, days, hours, minutes or seconds, e.g. P7D.`,
      );
      return z.NEVER;
    }
    return UNIT_MS.reduce((sum, unit, i) => sum + unit * Number(match[i + 1] ?? 0), 0);
  });

export const maxChanges = z
  .string()
  .default('50')
  .transform((text, context): MaxChanges => {
    if (/^\d{1,9}$/.test(text)) return { kind: 'count', count: Number(text) };
    const percent = /^(\d{1,3}(?:\.\d{1,3})?)\s*%$/.exec(text)?.[1];
    if (percent !== undefined && Number(percent) <= 100)
      return { kind: 'percentage', percent: Number(percent) };
    context.addIssue(
      `"${text}" is neither a whole number such as 50 nor a percentage from 0% to 100% such as 10%; 0 means that Holdfast changes nothing by itself.`,
    );
    return z.NEVER;
  });

export const contestedAfter = z
  .string()
  .default('3')
  .transform((text, context) => {
    const times = /^\d{1,2}$/.test(text) ? Number(text) : 0;
    if (times >= 1 && times <= 20) return times;
    context.addIssue(`"${text}" is not a whole number from 1 to 20.`);
    return z.NEVER;
  });
