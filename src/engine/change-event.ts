import { z } from 'zod';
import type { Actor } from '../types/record.js';
import { tryParseResourceId, type ResourceId } from '../types/resource-id.js';

/** What a resource event says: where to look, and who made the write that it announces. */
export interface ChangeEvent {
  readonly id: ResourceId;
  readonly correlationId: string | null;
  /** When it happened, RFC 3339; null where the event does not say. */
  readonly time: string | null;
  readonly actor: Actor | null;
  /** It was a write to what belongs to the resource but does not stand in it. */
  readonly isOfSurroundings: boolean;
  /** It was the write of a diagnostic setting. */
  readonly isOfSetting?: boolean;
}

/** An Event Grid or CloudEvents event, after its envelope was read. */
const eventData = z.object({
  resourceUri: z.string(),
  operationName: z.string().default(''),
  correlationId: z.string().max(200).optional().catch(undefined),
  claims: z.record(z.string(), z.unknown()).optional().catch(undefined),
  httpRequest: z.object({ clientIpAddress: z.string().optional() }).nullish().catch(undefined),
});

const CHANGES = /^Microsoft\.Resources\.Resource(Write|Action|Delete)Success$/i;
/** Of a resource's id, split at its slashes; what is longer is the id of a child. */
const ID_SEGMENTS = 9;

/**
 * Reads an event; null for one that tells of nothing Holdfast watches. A write to a child (access policies, tags,
 * triggers) is a write to its vault, workflow or connection, and so is the deletion of one (of its tags, and with them
 * of an exemption). Case varies in everything ARM sends.
 */
export function readChangeEvent(
  eventType: unknown,
  data: unknown,
  time: Date | null = null,
): ChangeEvent | null {
  const change = typeof eventType === 'string' ? CHANGES.exec(eventType)?.[1]?.toLowerCase() : undefined;
  if (change === undefined) return null;
  const parsed = eventData.safeParse(data);
  if (!parsed.success) return null;
  const { resourceUri, correlationId, claims, httpRequest } = parsed.data;
  const segments = resourceUri.split('/');
  const id = tryParseResourceId(segments.slice(0, ID_SEGMENTS).join('/'));
  if (id === null) return null;
  // Of a resource that is gone there is nothing to keep, but for a vault, which can be recovered.
  if (change === 'delete' && segments.length <= ID_SEGMENTS && id.kind !== 'vault') return null;
  return {
    id,
    correlationId: correlationId ?? null,
    time: time === null || Number.isNaN(time.getTime()) ? null : time.toISOString(),
    actor: actorOf(claims ?? {}, httpRequest?.clientIpAddress),
    isOfSetting: change === 'write' && SETTING.test(segments.slice(ID_SEGMENTS).join('/')),
    isOfSurroundings: SURROUNDINGS.test(segments.slice(ID_SEGMENTS).join('/')),
  };
}

/** What of a vault is a resource of its own: who may do what, and where its logs go. */
const SURROUNDINGS =
  /^providers\/microsoft\.(?:authorization\/roleassignments|insights\/diagnosticsettings)(?:\/|$)/i;

const SETTING = /^providers\/microsoft\.insights\/diagnosticsettings\//i;

const CLAIMS = {
  id: ['http://schemas.microsoft.com/identity/claims/objectidentifier', 'oid', 'appid'],
  name: [
    'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn',
    'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name',
    'name',
    'appid',
  ],
  ip: ['ipaddr'],
} as const;

function actorOf(claims: Readonly<Record<string, unknown>>, ip: string | undefined): Actor | null {
  const first = (names: readonly string[]): string | null => {
    const found = names
      .map((name) => claims[name])
      .find((value) => typeof value === 'string' && value !== '');
    return typeof found === 'string' ? found.slice(0, 256) : null;
  };
  const actor = { id: first(CLAIMS.id), name: first(CLAIMS.name), ip: ip?.slice(0, 64) ?? first(CLAIMS.ip) };
  return Object.values(actor).some((part) => part !== null) ? actor : null;
}
