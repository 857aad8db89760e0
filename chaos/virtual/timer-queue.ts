/** What is to happen at a time; of two at the same time, the one that was asked for first comes first. */
export interface Due {
  readonly at: number;
  readonly order: number;
}

/** A binary heap: a run sets some ten thousand timers, and most of them never fire. */
export function createTimerQueue<T extends Due>(): {
  readonly add: (item: T) => void;
  readonly take: () => T | undefined;
  readonly size: () => number;
} {
  const heap: T[] = [];
  const at = (i: number): T => heap[i] as T;
  const isBefore = (a: T, b: T): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);
  const swap = (i: number, j: number): void => {
    [heap[i], heap[j]] = [at(j), at(i)];
  };

  return {
    size: () => heap.length,
    add: (item) => {
      heap.push(item);
      for (let i = heap.length - 1; i > 0;) {
        const parent = (i - 1) >> 1;
        if (!isBefore(at(i), at(parent))) break;
        swap(i, parent);
        i = parent;
      }
    },
    take: () => {
      const first = heap[0];
      const last = heap.pop();
      if (first === undefined || last === undefined || heap.length === 0) return first;
      heap[0] = last;
      for (let i = 0; ;) {
        const [left, right] = [2 * i + 1, 2 * i + 2];
        let least = i;
        if (left < heap.length && isBefore(at(left), at(least))) least = left;
        if (right < heap.length && isBefore(at(right), at(least))) least = right;
        if (least === i) break;
        swap(i, least);
        i = least;
      }
      return first;
    },
  };
}
