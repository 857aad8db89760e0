import { storedValues } from '../evidence/stored-records.js';
import type { Evidence } from '../evidence/evidence.js';
import type { Invariant, Violation } from './invariant.js';

/** (7) No secret anywhere: not in a table, a blob or a queue, not in a log line, an answer over HTTP or an error. */
export const noSecret: Invariant = (world) => {
  const places = [
    ...storedPlaces(world),
    ...world.given.map((text) => ['what the app gave out', text] as const),
  ];
  return places.flatMap(([place, text]): readonly Violation[] => {
    const found = world.canaries.find((canary) => text.includes(canary));
    if (found === undefined) return [];
    const what = `${found.slice(0, 14)}… is in ${place}`;
    return [{ invariant: 'no-secret', at: world.time.now(), what, about: place }];
  });
};

function* storedPlaces({ storage }: Evidence): Generator<readonly [place: string, text: string]> {
  for (const [name, table] of storage.tables) {
    const rows = table.all();
    for (const row of rows) yield [`table ${name}`, JSON.stringify(row)];
    // What is deflated shows nothing of itself.
    for (const value of storedValues(rows)) yield [`table ${name}`, JSON.stringify(value)];
  }
  for (const [name, queue] of storage.queues) {
    for (const { text } of queue.all()) yield [`queue ${name}`, Buffer.from(text, 'base64').toString('utf8')];
  }
  for (const [name, container] of storage.containers) {
    for (const blob of container.all()) yield [`container ${name}`, `${blob.name} ${blob.content}`];
  }
}
