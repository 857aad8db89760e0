import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseSwitch, SWITCH_DEFINITIONS, SwitchBoard } from '../../simulator/switches.js';

const definitions = Object.entries(SWITCH_DEFINITIONS);

describe('the switches', () => {
  it('start with their defaults, or as they are set, and go back to that', () => {
    expect(new SwitchBoard().values).toEqual(
      Object.fromEntries(definitions.map(([name, definition]) => [name, definition.default])),
    );
    const board = new SwitchBoard({ tagsInPatch: 'merge' });
    board.set({ tagsInPatch: 'replace', ifMatch: 'honoured' });
    expect(board.values).toMatchObject({ tagsInPatch: 'replace', ifMatch: 'honoured' });
    board.reset();
    expect(board.values).toMatchObject({ tagsInPatch: 'merge', ifMatch: 'ignored' });
  });

  it.each([
    ['an unknown switch', { nothing: 'x' }],
    ['an unknown setting', { ifMatch: 'perhaps' }],
    ['a number where a word is due', { ifMatch: 1 }],
    ['a word where a number is due', { staleReadsMs: 'long' }],
    ['a negative number', { staleReadsMs: -1 }],
  ])('refuse %s and keep what they have', (_name, changes) => {
    const board = new SwitchBoard();
    const before = board.values;
    expect(() => {
      board.set(changes as never);
    }).toThrow(RangeError);
    expect(board.values).toEqual(before);
  });

  it('are read from text', () => {
    expect(parseSwitch('staleReadsMs', '250')).toEqual({ staleReadsMs: 250 });
    expect(parseSwitch('ifMatch', 'honoured')).toEqual({ ifMatch: 'honoured' });
    expect(() => parseSwitch('staleReadsMs', 'long')).toThrow(RangeError);
  });

  it.each(definitions)('%s is documented with its settings', (name, { values, default: initial, about }) => {
    const settings = values === 'number' ? 'number' : values.join(', ');
    const row = `| \`${name}\` | ${about} | ${settings} | ${String(initial)} |`;
    const table = readFileSync('docs/simulator.md', 'utf8').replaceAll(/ +\|/g, ' |');
    expect(table).toContain(row);
  });
});
