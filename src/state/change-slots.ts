/** Changes counted, by the minute since 1970 that they were made in; those of one sweep are all in minute 0. */
export type ChangeSlots = ReadonlyMap<number, number>;

export type SlotRequest =
  { readonly kind: 'take'; readonly limit: number } | { readonly kind: 'give-back'; readonly minute: number };

export type SlotAnswer =
  | { readonly kind: 'granted'; readonly minute: number }
  | { readonly kind: 'denied'; readonly made: number }
  | { readonly kind: 'given-back' };

/**
 * An hour, the minute that has only begun, and one more: clocks of two instances differ by less than that. It counts a
 * change rather too long than too short.
 */
const ROLLING_MINUTES = 62;

/**
 * What is counted after these requests, one after the other, and what each is answered. `minute` is the present one, or
 * null in a sweep, whose changes count for as long as it runs.
 */
export function countChanges(
  slots: ChangeSlots,
  requests: readonly SlotRequest[],
  minute: number | null,
): { readonly slots: ChangeSlots; readonly answers: readonly SlotAnswer[] } {
  const counted = new Map([...slots].filter(([slot]) => minute === null || slot > minute - ROLLING_MINUTES));
  const answers = requests.map((request): SlotAnswer => {
    if (request.kind === 'give-back') {
      const count = counted.get(request.minute) ?? 0;
      if (count > 1) counted.set(request.minute, count - 1);
      else counted.delete(request.minute);
      return { kind: 'given-back' };
    }
    const made = [...counted.values()].reduce((sum, count) => sum + count, 0);
    if (made >= request.limit) return { kind: 'denied', made };
    const slot = minute ?? 0;
    counted.set(slot, (counted.get(slot) ?? 0) + 1);
    return { kind: 'granted', minute: slot };
  });
  return { slots: counted, answers };
}

/** `29384756:3,29384760:1`; an empty text is none. */
export function writeSlots(slots: ChangeSlots): string {
  return [...slots].map(([minute, count]) => `${minute}:${count}`).join(',');
}

/** Null for a text that {@link writeSlots} did not write: nobody then knows how many there were. */
export function readSlots(text: unknown): ChangeSlots | null {
  if (typeof text !== 'string') return null;
  if (text === '') return new Map();
  const pairs = text.split(',').map((pair) => /^(\d{1,12}):(\d{1,12})$/.exec(pair));
  return pairs.includes(null)
    ? null
    : new Map(pairs.map((pair) => [Number(pair?.[1]), Number(pair?.[2])] as const));
}
