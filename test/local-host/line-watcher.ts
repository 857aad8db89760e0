/** Collects log lines and waits for one. */
export interface LineWatcher {
  readonly lines: readonly string[];
  readonly write: (line: string) => void;
  /** The first line, past or to come, that holds the text; rejects with what came instead. */
  waitFor(text: string, limitMs?: number): Promise<string>;
}

export function createLineWatcher(): LineWatcher {
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  return {
    lines,
    write(line) {
      lines.push(line);
      for (const check of waiting) check();
    },
    waitFor(text, limitMs = 20_000) {
      return new Promise((resolve, reject) => {
        const check = () => {
          const found = lines.find((line) => line.includes(text));
          if (found === undefined) return;
          clearTimeout(timer);
          waiting.delete(check);
          resolve(found);
        };
        const timer = setTimeout(() => {
          waiting.delete(check);
          reject(new Error(`No line with '${text}' came. These did:\n${lines.join('\n')}`));
        }, limitMs);
        waiting.add(check);
        check();
      });
    },
  };
}
