import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hashedKey } from '../../src/state/hashed-key.js';

describe('hashedKey', () => {
  test('is the SHA-256 that any other tool computes', () => {
    expect(hashedKey('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });

  test('differs for texts that differ, halves of characters included', () => {
    const codeUnit = fc.integer({ min: 0xd7f0, max: 0xe00f }).map((code) => String.fromCharCode(code));
    const text = fc.string({ unit: codeUnit, maxLength: 3 });
    fc.assert(
      fc.property(text, text, (a, b) => {
        expect(hashedKey(a) === hashedKey(b)).toBe(a === b);
      }),
    );
  });
});
