import { describe, expect, it } from 'vitest';
import { createLog } from '../../local-host/host-log.js';

describe('a log line', () => {
  it.each([
    ['a new line', 'one\ntwo\r\nthree', 'one\\ntwo\\nthree'],
    ['a carriage return', 'real\rforged', 'real\\u000dforged'],
    ['a terminal command', '\u001b[2J', '\\u001b[2J'],
    ['a line separator', 'one\u2028two', 'one\\u2028two'],
    ['other alphabets', 'schön 金', 'schön 金'],
  ])('holds %s without breaking', (_, message, written) => {
    const lines: string[] = [];
    createLog((line) => lines.push(line), 'information')('error', 'sweep', message);
    expect(lines).toEqual([expect.stringMatching(/^\[.+Z\] error {7}sweep: /)]);
    expect(lines[0]?.split('sweep: ')[1]).toBe(written);
  });

  it('is left out below the minimum', () => {
    const lines: string[] = [];
    const log = createLog((line) => lines.push(line), 'warning');
    log('information', 'host', 'a');
    log('warning', 'host', 'b');
    log('critical', 'host', 'c');
    expect(lines.map((line) => line.slice(-1))).toEqual(['b', 'c']);
  });
});
