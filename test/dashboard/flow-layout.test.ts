import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { layoutOf, NODE, type LayoutEdge } from '../../src/dashboard/flow-layout.js';

const edge = (text: string): LayoutEdge => {
  const [from = '', to = ''] = text.split(' > ');
  return { from, to };
};
const layers = (ids: readonly string[], ...ways: readonly string[]): readonly (readonly string[])[] => {
  const { nodes } = layoutOf(ids, ways.map(edge));
  const rows = Map.groupBy(nodes, ({ y }) => y);
  return [...rows]
    .sort(([a], [b]) => a - b)
    .map(([, row]) => row.toSorted((a, b) => a.x - b.x).map(({ id }) => id));
};

describe('layoutOf', () => {
  it.each<[string, readonly string[], readonly string[], readonly (readonly string[])[]]>([
    ['a chain, each below the last', ['a', 'b', 'c'], ['a > b', 'b > c'], [['a'], ['b'], ['c']]],
    ['two that use the same, side by side', ['a', 'b', 'c'], ['a > b', 'a > c'], [['a'], ['b', 'c']]],
    ['the longest way', ['a', 'b', 'c'], ['a > b', 'b > c', 'a > c'], [['a'], ['b'], ['c']]],
    ['a circle, where it is entered', ['a', 'b'], ['a > b', 'b > a'], [['a'], ['b']]],
    ['one that leads to itself', ['a'], ['a > a'], [['a']]],
    [
      'each under its own',
      ['a', 'b', 'y', 'x'],
      ['a > x', 'b > y'],
      [
        ['a', 'b'],
        ['x', 'y'],
      ],
    ],
  ])('draws %s', (_name, ids, ways, expected) => {
    expect(layers(ids, ...ways)).toEqual(expected);
  });

  it('is of no size where there is nothing', () => {
    expect(layoutOf([], [])).toEqual({ width: 0, height: 0, nodes: [] });
  });

  it('places every node once, within the drawing, and no two over each other', () => {
    const graphs = fc.nat({ max: 12 }).chain((count) => {
      const ids = Array.from({ length: count + 1 }, (_, i) => `n${i}`);
      const end = fc.constantFrom(...ids);
      return fc.record({
        ids: fc.constant(ids),
        edges: fc.array(fc.record({ from: end, to: end }), { maxLength: 30 }),
      });
    });
    fc.assert(
      fc.property(graphs, ({ ids, edges }) => {
        const { width, height, nodes } = layoutOf(ids, edges);
        expect(nodes.map(({ id }) => id)).toEqual(ids);
        for (const { x, y } of nodes) {
          expect(x - NODE.width / 2).toBeGreaterThanOrEqual(0);
          expect(x + NODE.width / 2).toBeLessThanOrEqual(width);
          expect(y + NODE.height).toBeLessThanOrEqual(height);
        }
        for (const [i, one] of nodes.entries())
          for (const other of nodes.slice(i + 1))
            expect(Math.abs(one.x - other.x) >= NODE.width || Math.abs(one.y - other.y) >= NODE.height).toBe(
              true,
            );
      }),
    );
  });

  it('does not use up the stack on a long way', () => {
    const ids = Array.from({ length: 20_000 }, (_, i) => `n${i}`);
    const edges = ids.slice(1).map((to, i) => ({ from: `n${i}`, to }));
    expect(layoutOf(ids, edges).nodes).toHaveLength(20_000);
  });
});
