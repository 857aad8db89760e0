import { describe, expect, test } from 'vitest';
import { createWhenMissing } from '../../src/state/create-when-missing.js';

class Answer extends Error {
  constructor(readonly statusCode: number) {
    super(`Status ${statusCode}`);
  }
}

const isMissing = (error: unknown): boolean => error instanceof Answer && error.statusCode === 404;

/** Something that is missing until it is created, and that counts how often that is tried. */
function missingThing(onCreate: (thing: { exists: boolean }) => void) {
  const thing = { exists: false, created: 0 };
  const run = createWhenMissing({
    isMissing,
    async create() {
      thing.created += 1;
      await Promise.resolve();
      onCreate(thing);
    },
  });
  const use = () => run(() => (thing.exists ? Promise.resolve('used') : Promise.reject(new Answer(404))));
  return { thing, run, use };
}

describe('createWhenMissing', () => {
  test('creates nothing where nothing is missing', async () => {
    const { thing, run } = missingThing(() => undefined);
    await expect(run(() => Promise.resolve(1))).resolves.toBe(1);
    expect(thing.created).toBe(0);
  });

  test('calls that find it missing at once share one creation', async () => {
    const { thing, use } = missingThing((it) => (it.exists = true));
    await expect(Promise.all([use(), use(), use()])).resolves.toEqual(['used', 'used', 'used']);
    expect(thing.created).toBe(1);
  });

  test('a call that hears late that it was missing does not create it once more', async () => {
    const { thing, run, use } = missingThing((it) => (it.exists = true));
    const late = Promise.withResolvers<string>();
    let calls = 0;
    const slow = run(() => {
      calls += 1;
      return calls === 1 ? late.promise : Promise.resolve('used');
    });
    await use();
    late.reject(new Answer(404));
    await expect(slow).resolves.toBe('used');
    expect(thing.created).toBe(1);
  });

  test('creates again what somebody deleted', async () => {
    const { thing, use } = missingThing((it) => (it.exists = true));
    await use();
    thing.exists = false;
    await expect(use()).resolves.toBe('used');
    expect(thing.created).toBe(2);
  });

  test.each([403, 409])('goes on where creating answers %i and it is there by then', async (status) => {
    const { use } = missingThing((it) => {
      it.exists = true;
      throw new Answer(status);
    });
    await expect(use()).resolves.toBe('used');
  });

  test('says that it is missing where it may not be created', async () => {
    const { use } = missingThing(() => {
      throw new Answer(403);
    });
    await expect(use()).rejects.toMatchObject({ statusCode: 404 });
  });

  test('passes on why it could not be created, and tries again the next time', async () => {
    let isDown = true;
    const { use } = missingThing((it) => {
      if (isDown) throw new Answer(500);
      it.exists = true;
    });
    await expect(use()).rejects.toMatchObject({ statusCode: 500 });
    isDown = false;
    await expect(use()).resolves.toBe('used');
  });

  test('passes on every other error without creating anything', async () => {
    const { thing, run } = missingThing(() => undefined);
    await expect(run(() => Promise.reject(new Answer(403)))).rejects.toMatchObject({ statusCode: 403 });
    expect(thing.created).toBe(0);
  });
});
