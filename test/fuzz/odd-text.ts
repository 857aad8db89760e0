import fc from 'fast-check';

/** What texts have broken elsewhere: halves of characters, directions, ends of lines, markup, names of members. */
const KNOWN = [
  '',
  ' ',
  '\u0000',
  '\r\n',
  '\u2028',
  '\u202e',
  '\ufeff',
  '\ud800',
  'x\udc00y',
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'length',
  'null',
  'undefined',
  'NaN',
  '-0',
  '1e999',
  '../..',
  '%2e%2e%2f',
  '%00',
  "' or 1 eq 1 or '",
  '<script>',
  '@{',
  "@body('x')?['y",
  '{"v":1}',
  '[]',
  '123',
  'İ',
  'ſ',
  'K',
];

/** Text of any kind, often one of those that break things. */
export const oddText = fc.oneof(
  fc.constantFrom(...KNOWN),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.string({ maxLength: 20 }),
  fc.constantFrom(1000, 70_000).map((length) => 'x'.repeat(length)),
);
