/**
 * At most `most` of what `pick` gives for 0 to `count` - 1, any of them as likely as any other; what it gives null for is
 * left out. Keeps no more than it returns (reservoir sampling, Knuth, TAOCP 3.4.2, algorithm R).
 */
export function sampleOf<T>(most: number, count: number, pick: (index: number) => T | null): readonly T[] {
  const sample: T[] = [];
  let found = 0;
  for (let index = 0; index < count; index += 1) {
    const picked = pick(index);
    if (picked === null) continue;
    found += 1;
    if (sample.length < most) sample.push(picked);
    else {
      const place = Math.floor(Math.random() * found);
      if (place < most) sample[place] = picked;
    }
  }
  return sample;
}
