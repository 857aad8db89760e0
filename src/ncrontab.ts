/** What each of the six fields takes, seconds first; Sunday is 0. */
const FIELDS = [
  { min: 0, max: 59, names: [] },
  { min: 0, max: 59, names: [] },
  { min: 0, max: 23, names: [] },
  { min: 1, max: 31, names: [] },
  {
    min: 1,
    max: 12,
    names: ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'],
  },
  { min: 0, max: 6, names: ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] },
] as const;

type Field = (typeof FIELDS)[number];

/**
 * Whether the Functions host can run a timer on this schedule: on another it starts the app without the timer.
 * https://learn.microsoft.com/azure/azure-functions/functions-bindings-timer#ncrontab-expressions
 */
export function isNcrontab(text: string): boolean {
  const parts = text.split(/\s+/);
  return parts.length === FIELDS.length && FIELDS.every((field, i) => takes(field, parts[i] ?? ''));
}

function takes(field: Field, part: string): boolean {
  return part.split(',').every((one) => {
    const match = /^(?:\*|(\w+)(?:-(\w+))?)(?:\/([1-9]\d?))?$/.exec(one);
    return match !== null && [match[1], match[2]].every((value) => value === undefined || isIn(field, value));
  });
}

function isIn({ min, max, names }: Field, value: string): boolean {
  if ((names as readonly string[]).includes(value.toLowerCase())) return true;
  return /^\d{1,2}$/.test(value) && Number(value) >= min && Number(value) <= max;
}

/** The values of each of the six fields of a schedule that {@link isNcrontab} takes, seconds first. */
export function valuesOf(schedule: string): readonly ReadonlySet<number>[] {
  const parts = schedule.trim().split(/\s+/);
  return FIELDS.map(
    (field, i) => new Set((parts[i] ?? '').split(',').flatMap((part) => valuesIn(field, part))),
  );
}

/** `*`, `a`, `a-b`, each with or without a step; a step after a single value goes on to the field's end. */
function valuesIn({ min, max, names }: Field, part: string): readonly number[] {
  const [range = '', step] = part.split('/');
  const numberOf = (text: string): number => {
    const named = (names as readonly string[]).indexOf(text.toLowerCase());
    return named < 0 ? Number(text) : named + min;
  };
  const [from = '', to] = range.split('-');
  const first = range === '*' ? min : numberOf(from);
  const open = range === '*' || (to === undefined && step !== undefined);
  const last = open ? max : numberOf(to ?? from);
  const every = Number(step ?? 1);
  return Array.from(
    { length: Math.max(0, Math.floor((last - first) / every) + 1) },
    (_, i) => first + i * every,
  );
}
