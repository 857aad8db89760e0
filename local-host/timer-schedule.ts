import { Cron } from 'croner';

export interface TimerSchedule {
  readonly expression: string;
  /** The first moment after `from`, in the machine's time zone, as the Functions host reckons; null if there is none. */
  next(from: Date): Date | null;
}

/**
 * Reads an NCRONTAB expression of six fields (or five, without the seconds), and refuses what only other crons know,
 * because in Azure the function would not start.
 * https://learn.microsoft.com/azure/azure-functions/functions-bindings-timer#ncrontab-expressions
 */
export function parseSchedule(expression: string): TimerSchedule {
  const fields = expression.trim().split(/\s+/);
  const complaint = findForeignSyntax(fields);
  if (complaint)
    throw new Error(`The schedule expression '${expression}' is not valid NCRONTAB: ${complaint}.`);
  try {
    const cron = new Cron(fields.join(' '), {
      paused: true,
      mode: fields.length === 5 ? '5-part' : '6-part',
      // In NCRONTAB both day fields must match, and `5/15` is every 15 from 5.
      domAndDow: true,
      sloppyRanges: true,
    });
    return { expression, next: (from) => cron.nextRun(from) };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`The schedule expression '${expression}' is not valid NCRONTAB: ${why}`, {
      cause: error,
    });
  }
}

function findForeignSyntax(fields: readonly string[]): string | undefined {
  if (fields.length === 1 && /^(?:\d+\.)?\d{2}:\d{2}:\d{2}$/.test(fields[0] ?? '')) {
    return 'a time span works on a dedicated App Service plan only';
  }
  if (fields.length !== 5 && fields.length !== 6) return `it has ${fields.length} fields and needs six`;
  const foreign = fields.find(
    (field) => !field.split(',').every((one) => /^(?:\*|\w+(?:-\w+)?)(?:\/\d+)?$/.test(one)),
  );
  if (foreign !== undefined) return `it cannot read '${foreign}'`;
  const word = fields
    .join(' ')
    .match(/[A-Za-z_]+/g)
    ?.find((found) => !names.has(found.toLowerCase()));
  if (word !== undefined) return `'${word}' is no three-letter name of a month or day`;
  const days = (fields.at(-1) ?? '').replaceAll(/\/\d+/g, '').match(/\d+/g) ?? [];
  if (days.some((day) => Number(day) > 6)) return 'days of the week are 0 (Sunday) to 6';
  return undefined;
}

const names = new Set(
  'jan feb mar apr may jun jul aug sep oct nov dec sun mon tue wed thu fri sat'.split(' '),
);
