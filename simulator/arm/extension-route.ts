/** Resources that hang on another one, on a resource group or on a subscription: `{scope}/providers/{type}/{name}`. */
export interface ExtensionRoute {
  readonly kind: 'role-assignments' | 'role-definitions' | 'diagnostic-settings';
  /** Null for a role that is asked for by its tenant-wide id. */
  readonly subscriptionId: string | null;
  /** The path of what it hangs on; empty for the tenant. */
  readonly scope: string;
  /** Null for the list. */
  readonly name: string | null;
}

/** As published in https://github.com/Azure/bicep-types-az and, for roles, in learn's table of RBAC versions. */
const EXTENSIONS: readonly {
  readonly kind: ExtensionRoute['kind'];
  readonly namespace: string;
  readonly type: string;
  readonly apiVersions: readonly string[];
}[] = [
  {
    kind: 'role-assignments',
    namespace: 'Microsoft.Authorization',
    type: 'roleAssignments',
    apiVersions: [
      '2015-07-01',
      '2018-01-01-preview',
      '2018-09-01-preview',
      '2020-03-01-preview',
      '2020-04-01-preview',
      '2020-08-01-preview',
      '2020-10-01-preview',
      '2022-04-01',
    ],
  },
  {
    kind: 'role-definitions',
    namespace: 'Microsoft.Authorization',
    type: 'roleDefinitions',
    apiVersions: ['2015-07-01', '2018-01-01-preview', '2022-05-01-preview', '2022-04-01'],
  },
  {
    kind: 'diagnostic-settings',
    namespace: 'Microsoft.Insights',
    type: 'diagnosticSettings',
    apiVersions: ['2017-05-01-preview', '2021-05-01-preview'],
  },
];

export function extensionOf(kind: ExtensionRoute['kind']): (typeof EXTENSIONS)[number] {
  const found = EXTENSIONS.find((extension) => extension.kind === kind);
  if (found === undefined) throw new Error(`No extension is ${kind}.`);
  return found;
}

/** The extension that a path is about, by its last `providers`; null for any other path. */
export function extensionRoute(segments: readonly string[]): ExtensionRoute | null {
  const start = segments.findLastIndex((segment) => segment.toLowerCase() === 'providers');
  const [, namespace = '', type = '', name, ...more] = start < 0 ? [] : segments.slice(start);
  const wanted = `${namespace}/${type}`.toLowerCase();
  const known = EXTENSIONS.find((extension) => wanted === typeOf(extension).toLowerCase());
  if (known === undefined || more.length > 0) return null;
  const scope = segments.slice(0, start);
  const isInSubscription = scope[0]?.toLowerCase() === 'subscriptions';
  if (!isInSubscription && !(known.kind === 'role-definitions' && scope.length === 0)) return null;
  return {
    kind: known.kind,
    subscriptionId: isInSubscription ? (scope[1] ?? '') : null,
    scope: scope.map((segment) => `/${segment}`).join(''),
    name: name ?? null,
  };
}

/** The full id of an extension resource. */
export function extensionId(kind: ExtensionRoute['kind'], scope: string, name: string): string {
  return `${scope}/providers/${typeOf(extensionOf(kind))}/${name}`;
}

export function extensionType(kind: ExtensionRoute['kind']): string {
  return typeOf(extensionOf(kind));
}

/** The newest version, stable or not, of the extension that a path is about. */
export function extensionVersion(path: string): string | undefined {
  const lower = path.toLowerCase();
  return EXTENSIONS.find((extension) =>
    lower.includes(`/providers/${typeOf(extension).toLowerCase()}`),
  )?.apiVersions.at(-1);
}

function typeOf({ namespace, type }: { readonly namespace: string; readonly type: string }): string {
  return `${namespace}/${type}`;
}
