import { expect, test } from 'vitest';
import { runSeed } from '../../chaos/run/run-seed.js';

/** A mixture with kills, several instances and a storage account that fails, and one with the switches. */
const SEEDS = [17, 225];

test('the same seed takes the same course, whatever ran before it', async () => {
  const courses: string[] = [];
  for (const seed of [...SEEDS, ...SEEDS.toReversed()]) courses.push((await runSeed(seed)).digest);
  const [first, second, secondAgain, firstAgain] = courses;
  expect(firstAgain).toBe(first);
  expect(secondAgain).toBe(second);
  expect(second).not.toBe(first);
}, 120_000);

test('what was replaced is put back', async () => {
  const replaced = (): readonly unknown[] => [
    setTimeout,
    Date,
    Reflect.get(Math, 'random'),
    Reflect.get(AbortSignal, 'timeout'),
  ];
  const real = replaced();
  await runSeed(3);
  expect(replaced()).toEqual(real);
}, 60_000);
