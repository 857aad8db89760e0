/** One comparison of a filter; all of them have to hold. */
interface Comparison {
  readonly property: string;
  readonly holds: (value: unknown) => boolean;
}

const COMPARISON =
  /^([A-Za-z_][A-Za-z0-9_]*) (eq|ne|gt|ge|lt|le) (?:'((?:[^']|'')*)'|(-?\d+(?:\.\d+)?)|(true|false))(?: and |$)/;

/**
 * A filter over entities: comparisons joined by `and`, which is all that is written here. Throws for anything else, so
 * that no query passes that the service would read otherwise.
 */
export function odataFilter(text: string): (entity: Readonly<Record<string, unknown>>) => boolean {
  const comparisons: Comparison[] = [];
  for (let rest = text; rest !== '';) {
    const match = COMPARISON.exec(rest);
    if (match === null) throw new Error(`The storage of this test cannot read the filter ${text}`);
    const [whole, property = '', operator = '', quoted, number, truth] = match;
    const wanted =
      quoted === undefined
        ? number === undefined
          ? truth === 'true'
          : Number(number)
        : quoted.replaceAll("''", "'");
    comparisons.push({ property, holds: (value) => compare(value, operator, wanted) });
    rest = rest.slice(whole.length);
  }
  return (entity) => comparisons.every(({ property, holds }) => holds(keyed(entity, property)));
}

function keyed(entity: Readonly<Record<string, unknown>>, property: string): unknown {
  if (property === 'PartitionKey') return entity.partitionKey;
  if (property === 'RowKey') return entity.rowKey;
  return entity[property];
}

/** An entity without the property, or with one of another type, matches no comparison. */
function compare(value: unknown, operator: string, wanted: string | number | boolean): boolean {
  if (value === undefined || typeof value !== typeof wanted) return false;
  const known = value as string | number | boolean;
  switch (operator) {
    case 'eq':
      return known === wanted;
    case 'ne':
      return known !== wanted;
    case 'gt':
      return known > wanted;
    case 'ge':
      return known >= wanted;
    case 'lt':
      return known < wanted;
    default:
      return known <= wanted;
  }
}
