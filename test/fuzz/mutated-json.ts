import fc from 'fast-check';
import { isJsonObject, type Json, type JsonObject } from '../../src/types/json.js';
import { oddJson } from './odd-json.js';
import { oddText } from './odd-text.js';

type Change =
  | { readonly kind: 'replace'; readonly value: Json }
  | { readonly kind: 'delete' }
  | { readonly kind: 'add'; readonly key: string; readonly value: Json }
  | { readonly kind: 'rename' }
  | { readonly kind: 'wrap' }
  | { readonly kind: 'double' };

const change: fc.Arbitrary<Change> = fc.oneof(
  { arbitrary: oddJson.map((value) => ({ kind: 'replace' as const, value })), weight: 4 },
  { arbitrary: fc.constant({ kind: 'delete' as const }), weight: 3 },
  { arbitrary: fc.record({ kind: fc.constant('add' as const), key: oddText, value: oddJson }), weight: 1 },
  {
    arbitrary: fc
      .constantFrom('rename' as const, 'wrap' as const, 'double' as const)
      .map((kind) => ({ kind })),
    weight: 2,
  },
);

/** A document with some of its places changed: other types, nothing there, more members, keys in another case. */
export function mutatedJson(document: Json, most = 3): fc.Arbitrary<Json> {
  return fc
    .array(fc.tuple(fc.nat(), change), { minLength: 1, maxLength: most })
    .map((changes) => changes.reduce((mutated, [at, one]) => mutate(mutated, at, one), document));
}

function mutate(document: Json, at: number, one: Change): Json {
  const places = placesOf(document);
  return places.length === 0 ? document : changedAt(document, places[at % places.length] ?? [], one);
}

/** Every place but the root, as a list of keys; what is nested deeper than any real document is left alone. */
function placesOf(value: Json, path: readonly string[] = []): readonly (readonly string[])[] {
  if (path.length > 30) return [];
  const members = Array.isArray(value)
    ? Object.entries(value as readonly Json[])
    : isJsonObject(value)
      ? Object.entries(value)
      : [];
  return members.flatMap(([key, child]) => [[...path, key], ...placesOf(child ?? null, [...path, key])]);
}

function changedAt(value: Json, [key, ...rest]: readonly string[], one: Change): Json {
  if (key === undefined) return value;
  if (Array.isArray(value)) {
    const members = Object.entries(value as readonly Json[]);
    return changed(members, key, rest, one).map(([, member]) => member);
  }
  return Object.fromEntries(changed(Object.entries(value as JsonObject) as [string, Json][], key, rest, one));
}

function changed(
  members: readonly (readonly [string, Json])[],
  key: string,
  rest: readonly string[],
  one: Change,
): readonly (readonly [string, Json])[] {
  return members.flatMap(([name, member]): readonly (readonly [string, Json])[] => {
    if (name !== key) return [[name, member]];
    if (rest.length > 0) return [[name, changedAt(member, rest, one)]];
    switch (one.kind) {
      case 'replace':
        return [[name, one.value]];
      case 'delete':
        return [];
      case 'add':
        return [
          [
            name,
            isJsonObject(member)
              ? Object.fromEntries([...Object.entries(member), [one.key, one.value]])
              : one.value,
          ],
        ];
      case 'rename':
        return [[name === name.toUpperCase() ? name.toLowerCase() : name.toUpperCase(), member]];
      case 'wrap':
        return [[name, [member]]];
      case 'double':
        return [
          [name, member],
          [`${name} `, member],
        ];
    }
  });
}
