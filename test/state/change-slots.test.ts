import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  countChanges,
  readSlots,
  writeSlots,
  type ChangeSlots,
  type SlotRequest,
} from '../../src/state/change-slots.js';

const take = (limit: number): SlotRequest => ({ kind: 'take', limit });
const giveBack = (minute: number): SlotRequest => ({ kind: 'give-back', minute });

describe('counting changes', () => {
  test.each<[string, [number, number][], SlotRequest[], number | null, string, string]>([
    ['the first of a sweep', [], [take(2)], null, '0:1', 'granted'],
    [
      'as many as the limit, and not one more',
      [],
      [take(2), take(2), take(2)],
      null,
      '0:2',
      'granted granted denied',
    ],
    [
      'what was given back is there for the next',
      [[0, 2]],
      [giveBack(0), take(2)],
      null,
      '0:2',
      'given-back granted',
    ],
    ['never fewer than none', [], [giveBack(7), giveBack(7)], 7, '', 'given-back given-back'],
    ['an hour ago counts, and so do the two minutes before', [[939, 1]], [take(1)], 1000, '939:1', 'denied'],
    ['what is older does not, and is forgotten', [[938, 9]], [take(1)], 1000, '1000:1', 'granted'],
    ['a minute that another clock has already counts', [[1001, 1]], [take(1)], 1000, '1001:1', 'denied'],
    [
      'minutes add up',
      [
        [950, 2],
        [999, 3],
      ],
      [take(6), take(6)],
      1000,
      '950:2,999:3,1000:1',
      'granted denied',
    ],
    ['a lower limit denies at once', [[0, 9]], [take(5)], null, '0:9', 'denied'],
    [
      'of a minute that is forgotten nothing can be given back',
      [[900, 2]],
      [giveBack(900)],
      1000,
      '',
      'given-back',
    ],
  ])('%s', (_name, before, requests, minute, after, kinds) => {
    const { slots, answers } = countChanges(new Map(before), requests, minute);
    expect(writeSlots(slots)).toBe(after);
    expect(answers.map(({ kind }) => kind).join(' ')).toBe(kinds);
  });

  test('law: within any hour there are never more than the limit, whatever is asked when', () => {
    const steps = fc.array(fc.tuple(fc.nat(3), fc.boolean()), { maxLength: 200 });
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 5 }), (asked, limit) => {
        let slots: ChangeSlots = new Map();
        let minute = 1000;
        const granted: number[] = [];
        for (const [passed, isBack] of asked) {
          minute += passed * 7;
          const back = isBack ? granted.pop() : undefined;
          const request = back === undefined ? take(limit) : giveBack(back);
          const next = countChanges(slots, [request], minute);
          slots = next.slots;
          for (const answer of next.answers) if (answer.kind === 'granted') granted.push(answer.minute);
          expect(granted.filter((at) => at > minute - 60).length).toBeLessThanOrEqual(limit);
        }
      }),
    );
  });

  test('what is written is read again; what nobody wrote is not guessed', () => {
    const slots = new Map([[29_384_756, 3]]);
    expect(readSlots(writeSlots(slots))).toEqual(slots);
    expect(readSlots('')).toEqual(new Map());
    for (const text of ['3', '3:', '-3:1', 'a:1', '1:1;2:2', 7, undefined, null])
      expect(readSlots(text)).toBeNull();
  });
});
