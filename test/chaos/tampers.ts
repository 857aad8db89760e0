import {
  createHttpHeaders,
  type HttpClient,
  type PipelineRequest,
  type PipelineResponse,
} from '@azure/core-rest-pipeline';
import type { Tamper } from '../../chaos/world/world.js';
import type { Outside } from '../../src/app.js';

/* What is put between the engine and what lies outside of it, to break it on purpose. */

type Send = HttpClient['sendRequest'];

/** Puts something between the engine and Azure. */
export const onHttp =
  (between: (request: PipelineRequest, send: Send) => Promise<PipelineResponse>): Tamper =>
  (outside) => ({
    ...outside,
    http: { sendRequest: (request) => between(request, (sent) => outside.http.sendRequest(sent)) },
  });

type Properties = Record<string, unknown> & {
  networkAcls?: { ipRules: { value: string }[]; defaultAction?: string };
};

/** Has each PATCH of a vault carry other properties than the engine meant. */
export const onPatch = (change: (properties: Properties) => void): Tamper =>
  onHttp((request, send) => {
    if (request.method === 'PATCH' && typeof request.body === 'string') {
      const body = JSON.parse(request.body) as { properties: Properties };
      change(body.properties);
      request.body = JSON.stringify(body);
    }
    return send(request);
  });

type Entity = Record<string, unknown>;
type Upsert = (entity: Entity, mode: string, options: object) => Promise<unknown>;
type Submit = (actions: [string, Entity, string][], options: object) => Promise<unknown>;

/** Changes the rows that are written to one table; a row that becomes null is not written, and said to be. */
export const onRows =
  (table: string, change: (entity: Entity) => Entity | null): Tamper =>
  (outside: Outside) => ({
    ...outside,
    storage: {
      ...outside.storage,
      table: (name) => {
        const client = outside.storage.table(name);
        if (name !== table) return client;
        const upsertEntity: Upsert = (entity, mode, options) => {
          const changed = change(entity);
          const upsert = Reflect.get(client, 'upsertEntity') as unknown as Upsert;
          return changed === null ? Promise.resolve({ etag: 'none' }) : upsert(changed, mode, options);
        };
        const submitTransaction: Submit = (actions, options) => {
          const left = actions.flatMap(([kind, entity, mode]): [string, Entity, string][] => {
            const changed = change(entity);
            return changed === null ? [] : [[kind, changed, mode]];
          });
          const submit = Reflect.get(client, 'submitTransaction') as unknown as Submit;
          return left.length === 0 ? Promise.resolve([]) : submit(left, options);
        };
        const own: Record<string | symbol, unknown> = { upsertEntity, submitTransaction };
        return new Proxy(client, { get: (target, key) => own[key] ?? (Reflect.get(target, key) as unknown) });
      },
    },
  });

export const forbidden = (request: PipelineRequest): PipelineResponse => ({
  request,
  status: 403,
  headers: createHttpHeaders(),
  bodyAsText: '{"error":{"code":"AuthorizationFailed","message":"no"}}',
});
