import { createHash } from 'node:crypto';

/** Chance and fresh ids, the same for the same seed, so that a run can be repeated. */
export interface Random {
  /** From 0 up to, but not including, 1. */
  next(): number;
  between(min: number, max: number): number;
  guid(): string;
}

/** mulberry32: small, fast and good enough for faults and ids. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
  return {
    next,
    between: (min, max) => min + next() * (max - min),
    guid: () => {
      const digits = Array.from({ length: 32 }, () => Math.floor(next() * 16).toString(16));
      return asGuid(digits.join(''));
    },
  };
}

/** The same GUID for the same text, always: object ids and client ids of whoever is named. */
export function guidOf(text: string): string {
  return asGuid(createHash('sha256').update(text.toLowerCase()).digest('hex'));
}

function asGuid(hex: string): string {
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
