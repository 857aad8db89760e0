/** A node's place in a drawing; the unit is the pixel. */
export interface Placed {
  readonly id: string;
  /** The middle of its top edge. */
  readonly x: number;
  readonly y: number;
}

export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly nodes: readonly Placed[];
}

export interface LayoutEdge {
  readonly from: string;
  readonly to: string;
}

export const NODE = { width: 160, height: 58, gapX: 12, gapY: 40 } as const;

/**
 * Puts each node below all that lead to it (a step back in a circle aside), and beside its neighbours where it can be:
 * layers by the longest way, in each the order of the middle of what leads there.
 */
export function layoutOf(ids: readonly string[], edges: readonly LayoutEdge[]): Layout {
  if (ids.length === 0) return { width: 0, height: 0, nodes: [] };
  const forward = withoutCircles(ids, edges);
  const layers = layersOf(ids, forward);
  const to = Map.groupBy(forward, (edge) => edge.to);
  const widest = Math.max(...layers.map((layer) => layer.length));
  const width = widest * (NODE.width + NODE.gapX) + NODE.gapX;
  const places = new Map<string, Placed>();
  layers.forEach((layer, depth) => {
    const indent = (width - layer.length * (NODE.width + NODE.gapX) + NODE.gapX) / 2;
    const y = NODE.gapX + depth * (NODE.height + NODE.gapY);
    inOrder(layer, to, places).forEach((id, index) => {
      places.set(id, { id, x: indent + index * (NODE.width + NODE.gapX) + NODE.width / 2, y });
    });
  });
  const height = layers.length * (NODE.height + NODE.gapY) - NODE.gapY + 2 * NODE.gapX;
  return { width, height, nodes: ids.flatMap((id) => places.get(id) ?? []) };
}

/** The edges but for those that lead back to where they come from, by a walk in the order given. */
function withoutCircles(ids: readonly string[], edges: readonly LayoutEdge[]): readonly LayoutEdge[] {
  const from = Map.groupBy(edges, (edge) => edge.from);
  const state = new Map<string, 'open' | 'done'>();
  const kept: LayoutEdge[] = [];
  for (const root of ids) {
    // A stack of its own: a way may be longer than the browser's.
    const walk: { readonly id: string; next: number }[] = [];
    const enter = (id: string): void => {
      state.set(id, 'open');
      walk.push({ id, next: 0 });
    };
    if (!state.has(root)) enter(root);
    for (let at = walk.at(-1); at !== undefined; at = walk.at(-1)) {
      const edge = from.get(at.id)?.[at.next];
      at.next += 1;
      if (edge === undefined) {
        state.set(at.id, 'done');
        walk.pop();
        continue;
      }
      if (state.get(edge.to) === 'open') continue;
      kept.push(edge);
      if (!state.has(edge.to)) enter(edge.to);
    }
  }
  return kept;
}

function layersOf(ids: readonly string[], edges: readonly LayoutEdge[]): readonly (readonly string[])[] {
  const waiting = new Map(ids.map((id) => [id, 0]));
  for (const { to } of edges) waiting.set(to, (waiting.get(to) ?? 0) + 1);
  const from = Map.groupBy(edges, (edge) => edge.from);
  const depth = new Map<string, number>();
  const ready = ids.filter((id) => waiting.get(id) === 0);
  // Grows while it is walked.
  for (const id of ready) {
    const below = (depth.get(id) ?? 0) + 1;
    for (const { to } of from.get(id) ?? []) {
      depth.set(to, Math.max(depth.get(to) ?? 0, below));
      const left = (waiting.get(to) ?? 0) - 1;
      waiting.set(to, left);
      if (left === 0) ready.push(to);
    }
  }
  const layers: string[][] = [];
  for (const id of ids) (layers[depth.get(id) ?? 0] ??= []).push(id);
  return layers;
}

function inOrder(
  layer: readonly string[],
  edgesTo: ReadonlyMap<string, readonly LayoutEdge[]>,
  placed: ReadonlyMap<string, Placed>,
): readonly string[] {
  const middle = new Map(
    layer.map((id, index) => {
      const above = (edgesTo.get(id) ?? []).flatMap(({ from }) => placed.get(from)?.x ?? []);
      const mean = above.reduce((sum, x) => sum + x, 0) / above.length;
      return [id, above.length === 0 ? index * NODE.width : mean] as const;
    }),
  );
  return layer.toSorted((a, b) => (middle.get(a) ?? 0) - (middle.get(b) ?? 0));
}
