/** Numbers and names that each field of an NCRONTAB schedule takes: seconds first, Sunday is 0. */
const FIELDS: readonly (readonly [number, number])[] = [
  [0, 59],
  [0, 59],
  [0, 23],
  [1, 31],
  [1, 12],
  [0, 6],
];

/** Whether the Functions host can run a timer on it: written apart from the code, so that the two check each other. */
export function isTimerSchedule(text: string): boolean {
  const fields = text.trim().split(/\s+/);
  return fields.length === FIELDS.length && fields.every((field, i) => isField(field, FIELDS[i] ?? [0, 0]));
}

const MONTHS = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ');
const DAYS = 'sun mon tue wed thu fri sat'.split(' ');

function isField(field: string, [min, max]: readonly [number, number]): boolean {
  return field.split(',').every((item) => {
    const [range = '', step, ...more] = item.split('/');
    if (more.length > 0 || (step !== undefined && !(/^\d+$/.test(step) && Number(step) > 0))) return false;
    if (range === '*') return true;
    const ends = range.split('-');
    return ends.length <= 2 && ends.every((end) => isValue(end, min, max));
  });
}

function isValue(text: string, min: number, max: number): boolean {
  const names = max === 12 ? MONTHS : max === 6 ? DAYS : [];
  if (names.includes(text.toLowerCase())) return true;
  return /^\d+$/.test(text) && Number(text) >= min && Number(text) <= max;
}
