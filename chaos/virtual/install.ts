import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import timersPromises from 'node:timers/promises';
import type { Random } from '../../simulator/random.js';
import { VirtualTimer, type VirtualTime } from './virtual-time.js';

/** Replaces a property until it is put back. */
function replace(put: (() => void)[], target: object, name: string, value: unknown): void {
  const before = Object.getOwnPropertyDescriptor(target, name);
  Object.defineProperty(target, name, { value, configurable: true, writable: true, enumerable: true });
  put.push(() => {
    if (before === undefined) Reflect.deleteProperty(target, name);
    else Object.defineProperty(target, name, before);
  });
}

/**
 * Has this process live in a virtual time and by a seeded chance: Node's timers, dates, ids and random numbers are
 * replaced, and the code under test knows nothing of it. Gives what puts them back.
 */
export function install(time: VirtualTime, random: Random): () => void {
  const put: (() => void)[] = [];
  replace(
    put,
    globalThis,
    'setTimeout',
    (callback: (...args: unknown[]) => void, ms = 0, ...args: unknown[]) =>
      time.set(() => {
        callback(...args);
      }, ms),
  );
  replace(put, globalThis, 'clearTimeout', (timer: unknown) => {
    if (timer instanceof VirtualTimer) timer.close();
  });
  replace(put, globalThis, 'setInterval', () => {
    throw new Error('Nothing under test sets an interval; it would need one that ends with its process.');
  });
  replace(
    put,
    globalThis,
    'Date',
    virtualDate(() => time.localNow()),
  );
  replace(put, performance, 'now', () => time.now());
  replace(put, AbortSignal, 'timeout', (ms: number) => timeoutSignal(time, ms));
  replace(put, timersPromises, 'setTimeout', sleeper(time));
  replace(put, Math, 'random', () => random.next());
  const bytes = (size: number): Buffer =>
    Buffer.from(Array.from({ length: size }, () => Math.floor(random.next() * 256)));
  replace(put, crypto, 'randomUUID', () => random.guid());
  replace(put, crypto, 'randomBytes', bytes);
  replace(put, globalThis.crypto, 'randomUUID', () => random.guid());
  syncBuiltinESMExports();
  return () => {
    for (const one of put.reverse()) one();
    syncBuiltinESMExports();
  };
}

/** A `Date` whose now is virtual. What it makes are ordinary dates, so that `instanceof` holds either way. */
function virtualDate(now: () => number): DateConstructor {
  const Real = Date;
  function VirtualDate(...args: readonly unknown[]): Date | string {
    // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- it may be called without `new`
    if (new.target === undefined) return new Real(now()).toString();
    return args.length === 0 ? new Real(now()) : new Real(...(args as [number]));
  }
  VirtualDate.prototype = Real.prototype;
  VirtualDate.now = now;
  VirtualDate.parse = Real.parse.bind(Real);
  VirtualDate.UTC = Real.UTC.bind(Real);
  return VirtualDate as unknown as DateConstructor;
}

function timeoutSignal(time: VirtualTime, ms: number): AbortSignal {
  const controller = new AbortController();
  time.set(() => {
    controller.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError'));
  }, ms);
  return controller.signal;
}

/** `setTimeout` of `node:timers/promises`. */
function sleeper(time: VirtualTime) {
  return <T>(ms = 0, value?: T, { signal }: { readonly signal?: AbortSignal } = {}): Promise<T | undefined> =>
    new Promise((resolve, reject) => {
      const timer = time.set(() => {
        signal?.removeEventListener('abort', onAbort);
        resolve(value);
      }, ms);
      function onAbort(): void {
        timer.close();
        const error = new Error('The operation was aborted', { cause: signal?.reason });
        reject(Object.assign(error, { name: 'AbortError', code: 'ABORT_ERR' }));
      }
      if (signal?.aborted === true) onAbort();
      else signal?.addEventListener('abort', onAbort, { once: true });
    });
}
