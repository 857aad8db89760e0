/** What ARM counts a request in: https://learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling */
export type BucketKind = 'reads' | 'writes' | 'deletes';

export interface Place {
  /** Requests with the same key share a bucket. */
  readonly bucket: string;
  readonly kind: BucketKind;
  /** Whose limits apply: a request that names no subscription is counted by tenant. */
  readonly counted: 'subscription' | 'tenant';
  /** The resource, in lower case; what belongs to a resource is that resource, a list is itself. */
  readonly resource: string;
}

/** Where ARM counts a request. */
export function bucketOf(method: string, url: string): Place {
  const path = new URL(url).pathname.toLowerCase();
  const subscription = /^\/subscriptions\/([^/]+)/.exec(path)?.[1];
  const kind = kindOf(method);
  const resource = /^.*?\/providers\/[^/]+\/[^/]+\/[^/]+/.exec(path)?.[0] ?? path;
  return {
    bucket: `${subscription ?? 'tenant'} ${kind}`,
    kind,
    counted: subscription === undefined ? 'tenant' : 'subscription',
    resource,
  };
}

function kindOf(method: string): BucketKind {
  if (method === 'GET' || method === 'HEAD') return 'reads';
  return method === 'DELETE' ? 'deletes' : 'writes';
}
