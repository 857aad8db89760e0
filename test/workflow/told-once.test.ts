import { describe, expect, it } from 'vitest';
import { TEXTS, toldOnce } from '../../src/workflow/told-once.js';

interface Told {
  readonly of: string;
}

/** So many texts that whatever was known before is forgotten. */
function askForManyOthers(ask: (text: string) => Told, between: () => void = () => undefined): void {
  for (let i = 0; i < 600; i += 1) {
    ask(`${i}${'x'.repeat(4000)}`);
    between();
  }
}

describe('what is asked of a text', () => {
  const tellOf = () => toldOnce((text): Told => ({ of: text }), TEXTS);

  it('is told once, and of each its own', () => {
    const tell = tellOf();
    expect(tell('a')).toEqual({ of: 'a' });
    expect(tell('b')).toEqual({ of: 'b' });
    expect(tell('a')).toBe(tell('a'));
  });

  it('is forgotten where it was not asked for since very many others were', () => {
    const tell = tellOf();
    const before = tell('once');
    askForManyOthers(tell);
    expect(tell('once')).not.toBe(before);
  });

  it('is kept where it is asked for all the time', () => {
    const tell = tellOf();
    const before = tell('often');
    askForManyOthers(tell, () => tell('often'));
    expect(tell('often')).toBe(before);
  });

  it('is asked anew of a text that is longer than Azure takes', () => {
    const tell = tellOf();
    const long = 'z'.repeat(9000);
    expect(tell(long)).not.toBe(tell(long));
  });

  it('does not stay in memory where it is not to be kept', () => {
    const tell = toldOnce((text): Told => ({ of: text }), { ...TEXTS, isKept: ({ of }) => of !== 'secret' });
    expect(tell('secret')).not.toBe(tell('secret'));
    expect(tell('other')).toBe(tell('other'));
  });
});
