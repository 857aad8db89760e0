import { z } from 'zod';
import { ENDPOINTS } from '../journal.js';

/** What the control API takes. A key that is not known is an error: a typing mistake must not pass for a setting. */

const RegionIps = z.strictObject({
  connector: z.array(z.string()).optional(),
  runtime: z.array(z.string()).optional(),
  access: z.array(z.string()).optional(),
});
const When = z.enum(['before', 'after']).optional();
const Headers = z.record(z.string(), z.string());

export const FaultBody = z.strictObject({
  id: z.string().min(1).optional(),
  endpoint: z.enum(ENDPOINTS).optional(),
  method: z.union([z.string(), z.array(z.string())]).optional(),
  path: z.string().optional(),
  skip: z.int().min(0).optional(),
  times: z.int().min(1).optional(),
  probability: z.number().min(0).max(1).optional(),
  action: z.discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('error'),
      status: z.int().min(200).max(599),
      code: z.string().optional(),
      message: z.string().optional(),
      retryAfter: z.union([z.number(), z.string()]).optional(),
      headers: Headers.optional(),
      body: z.string().optional(),
      when: When,
    }),
    z.strictObject({ kind: z.literal('reset'), when: z.enum(['before', 'after', 'mid-body']) }),
    z.strictObject({ kind: z.literal('truncate'), bytes: z.int().min(0).optional() }),
    z.strictObject({ kind: z.literal('delay'), ms: z.number().min(0), when: When }),
    z.strictObject({ kind: z.literal('hang'), when: When }),
    z.strictObject({ kind: z.literal('stale') }),
    z.strictObject({
      kind: z.literal('change-outbound-ips'),
      location: z.string(),
      ips: RegionIps,
      when: When,
    }),
    z.strictObject({
      kind: z.literal('somebody-else'),
      as: z.string(),
      method: z.string(),
      path: z.string(),
      body: z.string().optional(),
      when: When,
    }),
  ]),
});

export const SubscriptionBody = z.strictObject({
  name: z.string().min(1).optional(),
  endpoint: z.url(),
  schema: z.enum(['EventGridSchema', 'CloudEventSchemaV1_0']).optional(),
  subscriptionId: z.string().optional(),
  includedEventTypes: z.array(z.string()).optional(),
  subjectBeginsWith: z.string().optional(),
  operationNames: z.array(z.string()).optional(),
  headers: Headers.optional(),
  deadLetters: z
    .strictObject({ connectionString: z.string().min(1), container: z.string().min(3) })
    .optional(),
});

const Bucket = z.strictObject({ capacity: z.number().min(1), refillPerSecond: z.number().min(0) });

export const ThrottlingBody = z.strictObject({
  enabled: z.boolean().optional(),
  reads: Bucket.optional(),
  writes: Bucket.optional(),
  deletes: Bucket.optional(),
  globalFactor: z.number().min(1).optional(),
});

export const LatencyBody = z.strictObject({ minMs: z.number().min(0), maxMs: z.number().min(0) });
export const PagingBody = z.strictObject({ pageSize: z.int().min(1) });
export const OutboundIpsBody = RegionIps.extend({ location: z.string().min(1) });
export const TokenBody = z.strictObject({
  as: z.string(),
  audience: z.string().optional(),
  tenantId: z.guid().optional(),
});

export const LockBody = z.strictObject({
  name: z.string().min(1),
  scope: z.string().startsWith('/'),
  level: z.enum(['ReadOnly', 'CanNotDelete']),
});

export const PermissionsBody = z.strictObject({
  /** An object id, or a name as for `act`; `app` is the app's own identity. */
  principal: z.string(),
  /** Null lifts the restriction. */
  grants: z
    .array(
      z.strictObject({
        actions: z.array(z.string()),
        notActions: z.array(z.string()).optional(),
        scope: z.string(),
      }),
    )
    .nullable(),
});

export const ResourceGroupBody = z.strictObject({
  subscriptionId: z.string(),
  name: z.string(),
  location: z.string().optional(),
});

export const ActBody = z.strictObject({
  as: z.string(),
  method: z.string(),
  path: z.string().startsWith('/'),
  body: z.unknown().optional(),
});

export const ActsBody = z.strictObject({
  acts: z.array(z.unknown()).max(1000),
  /** From the beginning of one to that of the next; 0 is as fast as they can. */
  everyMs: z.number().min(0).max(60_000),
});

export const DeployBody = z.strictObject({
  subscriptionId: z.string(),
  resourceGroup: z.string(),
  location: z.string().optional(),
  as: z.string().optional(),
  resource: z.unknown(),
});

export const PlaceBody = z.strictObject({ documents: z.array(z.unknown()) });
