/** A route template of ASP.NET Core, which Azure Functions uses for `route`. */
export interface Route {
  /** The values of the template's parameters, or undefined where the path is another's. */
  match(path: string): Record<string, string> | undefined;
  /** Sorts routes so that the more exact comes first, as ASP.NET Core's RoutePrecedence does. */
  readonly precedence: string;
}

type Segment =
  | { readonly kind: 'literal'; readonly text: string }
  | {
      readonly kind: 'parameter' | 'rest';
      readonly name: string;
      readonly constraints: readonly RegExp[];
      readonly isOptional: boolean;
      readonly fallback: string | undefined;
    };

/** Throws for what this host does not know, rather than matching something else than Azure would. */
export function parseRoute(template: string): Route {
  const segments = splitPath(template).map((text) => parseSegment(text, template));
  const misplaced = segments.slice(0, -1).find((one) => one.kind === 'rest');
  if (misplaced) throw new Error(`The route '${template}' has something after a catch-all.`);
  return {
    precedence: segments.map(precedenceOf).join(''),
    match: (path) => matchSegments(segments, splitPath(path)),
  };
}

function splitPath(path: string): string[] {
  const trimmed = path.replace(/^\//, '').replace(/\/$/, '');
  return trimmed === '' ? [] : trimmed.split('/');
}

function parseSegment(text: string, template: string): Segment {
  if (!/[{}]/.test(text)) return { kind: 'literal', text: text.toLowerCase() };
  const parts = /^\{(\*{0,2})([A-Za-z_]\w*)((?::[^{}:=?]+)*)(?:=([^{}]*))?(\?)?\}$/.exec(text);
  if (!parts) throw new Error(`The local host cannot read '${text}' in the route '${template}'.`);
  const [, stars = '', name = '', constraints = '', fallback, optional] = parts;
  return {
    kind: stars === '' ? 'parameter' : 'rest',
    name,
    constraints: constraints
      .split(':')
      .slice(1)
      .map((one) => constraintPattern(one, template)),
    isOptional: optional !== undefined,
    fallback,
  };
}

function constraintPattern(constraint: string, template: string): RegExp {
  const pattern = constraintPatterns[constraint];
  if (!pattern)
    throw new Error(`The local host does not know the constraint ':${constraint}' in '${template}'.`);
  return pattern;
}

const constraintPatterns: Readonly<Record<string, RegExp>> = {
  int: /^-?\d{1,10}$/,
  long: /^-?\d{1,19}$/,
  guid: /^\{?[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}\}?$/i,
  alpha: /^[a-z]*$/i,
  bool: /^(?:true|false)$/i,
};

function precedenceOf(segment: Segment): string {
  if (segment.kind === 'literal') return '1';
  const base = segment.kind === 'rest' ? 5 : 3;
  return String(segment.constraints.length > 0 ? base - 1 : base);
}

function matchSegments(
  segments: readonly Segment[],
  path: readonly string[],
): Record<string, string> | undefined {
  const values: Record<string, string> = {};
  let used = 0;
  for (const segment of segments) {
    const isRest = segment.kind === 'rest';
    const raw = isRest ? path.slice(used).join('/') : path[used];
    used = isRest ? path.length : used + 1;
    const text = raw === undefined || raw === '' ? undefined : decodeSegment(raw);
    if (segment.kind === 'literal') {
      if (text?.toLowerCase() !== segment.text) return undefined;
      continue;
    }
    const value = text ?? segment.fallback;
    if (value === undefined) {
      if (segment.isOptional || isRest) continue;
      return undefined;
    }
    if (!segment.constraints.every((constraint) => constraint.test(value))) return undefined;
    values[segment.name] = value;
  }
  return used >= path.length ? values : undefined;
}

/** ASP.NET Core leaves an encoded slash as it is, so that it cannot become a separator. */
function decodeSegment(text: string): string {
  return text
    .split(/%2f/i)
    .map((part) => {
      try {
        return decodeURIComponent(part);
      } catch {
        return part;
      }
    })
    .join('%2F');
}
