import type { TableClient, TransactionAction } from '@azure/data-tables';
import type { ContainerClient } from '@azure/storage-blob';
import type { QueueClient } from '@azure/storage-queue';
import type { StorageAccount } from '../../src/state/storage-account.js';
import type { UploadConditions } from './container-state.js';
import type { StorageService } from './storage-failure.js';
import type { StorageState } from './storage-state.js';
import type { Entity, EntityPage, TableAction, UpdateMode } from './table-state.js';

/** One call to the account: how it gets there and back is the caller's affair. */
export interface StorageCall {
  readonly service: StorageService;
  /** E.g. `HoldfastAudit upsert`. */
  readonly name: string;
  readonly isWrite: boolean;
  /** The outcome of doing it twice, as a client does that had no answer to the first time. */
  readonly signal: AbortSignal | undefined;
}

/** Carries a call to the account; `apply` is what happens there, at one moment. */
export type CarryCall = <T>(call: StorageCall, apply: () => T) => Promise<T>;

interface Abortable {
  readonly abortSignal?: AbortSignal;
}

/**
 * The clients of a storage account that is in memory: as much of them as `src/state` uses. Anything else throws, so
 * that no call passes that the service might answer otherwise.
 */
export function createStorageAccount(
  state: StorageState,
  carry: CarryCall,
  leaseId: () => string,
  pageSize: (asked: number) => number = (asked) => asked,
): StorageAccount {
  return {
    table: (name) => only<TableClient>(`TableClient of ${name}`, tableClient(state, carry, name, pageSize)),
    container: (name) =>
      only<ContainerClient>(`ContainerClient of ${name}`, containerClient(state, carry, name, leaseId)),
    queue: (name) => only<QueueClient>(`QueueClient of ${name}`, queueClient(state, carry, name)),
  };
}

function tableClient(
  state: StorageState,
  carry: CarryCall,
  table: string,
  pageSize: (asked: number) => number,
): object {
  const rows = () => state.table(table);
  const call = (name: string, isWrite: boolean, { abortSignal }: Abortable = {}): StorageCall => ({
    service: 'table',
    name: `${table} ${name}`,
    isWrite,
    signal: abortSignal,
  });
  const write = async (name: string, options: Abortable | undefined, action: TableAction) => {
    const [etag] = await carry(call(name, true, options), () => rows().apply([action]));
    return etag === null ? {} : { etag };
  };
  return {
    createTable: (options?: Abortable) =>
      carry(call('create table', true, options), () => {
        rows().create();
      }),
    getEntity: (partitionKey: string, rowKey: string, options?: Abortable) =>
      carry(call('get', false, options), () => ({ ...rows().get(partitionKey, rowKey) })),
    createEntity: (entity: Entity, options?: Abortable) =>
      write('create', options, { kind: 'create', entity }),
    upsertEntity: (entity: Entity, mode: UpdateMode = 'Merge', options?: Abortable) =>
      write('upsert', options, { kind: 'upsert', entity, mode }),
    updateEntity: (entity: Entity, mode: UpdateMode = 'Merge', options: Abortable & { etag?: string } = {}) =>
      write('update', options, { kind: 'update', entity, mode, etag: options.etag ?? '*' }),
    deleteEntity: (partitionKey: string, rowKey: string, options: Abortable & { etag?: string } = {}) =>
      write('delete', options, { kind: 'delete', partitionKey, rowKey, etag: options.etag ?? '*' }),
    submitTransaction: (actions: readonly TransactionAction[], options?: Abortable) =>
      carry(call('transaction', true, options), () => rows().apply(actions.map(actionOf))),
    listEntities: ({ queryOptions = {}, abortSignal, ...rest }: ListOptions = {}) => {
      const { filter = '', ...unknown } = queryOptions;
      demandNothing('listEntities', { ...unknown, ...rest });
      return {
        byPage: ({ maxPageSize = 1000, continuationToken }: PageOptions = {}) => {
          let next = continuationToken === undefined ? null : decoded(continuationToken);
          let isOver = false;
          return {
            next: async () => {
              if (isOver) return { done: true, value: undefined };
              const options = abortSignal === undefined ? {} : { abortSignal };
              const from = next;
              const page = await carry(call('query', false, options), () =>
                rows().query(filter, pageSize(maxPageSize), from),
              );
              next = page.next;
              isOver = next === null;
              const token = next === null ? {} : { continuationToken: encoded(next) };
              return {
                done: false,
                value: Object.assign(
                  page.entities.map((row) => ({ ...row })),
                  token,
                ),
              };
            },
          };
        },
      };
    },
  };
}

interface ListOptions extends Abortable {
  readonly queryOptions?: { readonly filter?: string };
}

interface PageOptions {
  readonly maxPageSize?: number;
  readonly continuationToken?: string;
}

function actionOf(action: TransactionAction): TableAction {
  const [kind, entity, mode] = action as readonly [string, Entity, UpdateMode?];
  switch (kind) {
    case 'create':
      return { kind, entity };
    case 'upsert':
      return { kind, entity, mode: mode ?? 'Merge' };
    case 'delete':
      return { kind, partitionKey: entity.partitionKey, rowKey: entity.rowKey, etag: '*' };
    default:
      throw new Error(`The storage of this test knows no action ${kind} in a transaction.`);
  }
}

/** The form that the client's tokens have. */
function encoded(next: NonNullable<EntityPage['next']>): string {
  return Buffer.from(JSON.stringify(next)).toString('base64');
}

function decoded(token: string): EntityPage['next'] {
  return JSON.parse(Buffer.from(token, 'base64').toString('utf8')) as EntityPage['next'];
}

function containerClient(
  state: StorageState,
  carry: CarryCall,
  container: string,
  newLeaseId: () => string,
): object {
  const blobs = () => state.container(container);
  const call = (name: string, { abortSignal }: Abortable = {}): StorageCall => ({
    service: 'blob',
    name: `${container} ${name}`,
    isWrite: true,
    signal: abortSignal,
  });
  return {
    createIfNotExists: (options?: Abortable) =>
      carry(call('create container', options), () => ({ succeeded: blobs().createIfNotExists() })),
    getBlockBlobClient: (blob: string) =>
      only('BlockBlobClient', {
        upload: (
          content: string | Buffer,
          length: number,
          { conditions = {}, ...options }: Abortable & { conditions?: UploadConditions } = {},
        ) => {
          const bytes = Buffer.from(content);
          if (length !== bytes.length) throw new Error('The length of the content is another.');
          const { ifNoneMatch, ifMatch, ...unknown } = conditions;
          demandNothing('upload', unknown);
          return carry(call('upload', options), () => ({
            etag: blobs().upload(blob, bytes, { ifNoneMatch, ifMatch }),
          }));
        },
        download: async (offset: number, count: number | undefined, options?: Abortable) => {
          if (offset !== 0 || count !== undefined) throw new Error('Only whole blobs are downloaded here.');
          const { content, etag } = await carry({ ...call('download', options), isWrite: false }, () =>
            blobs().download(blob),
          );
          return { etag, contentLength: content.length, readableStreamBody: inParts(content) };
        },
        getBlobLeaseClient: (leaseId = newLeaseId()) =>
          only('BlobLeaseClient', {
            leaseId,
            acquireLease: (seconds: number, options?: Abortable) =>
              carry(call('acquire', options), () => {
                blobs().acquire(blob, leaseId, seconds);
                return { leaseId };
              }),
            renewLease: (options?: Abortable) =>
              carry(call('renew', options), () => {
                blobs().renew(blob, leaseId, 60);
                return { leaseId };
              }),
            releaseLease: (options?: Abortable) =>
              carry(call('release', options), () => {
                blobs().release(blob, leaseId);
                return {};
              }),
          }),
      }),
  };
}

/** As it comes over the wire. */
async function* inParts(content: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < content.length; at += 1000) {
    yield await Promise.resolve(content.subarray(at, at + 1000));
  }
}

interface SendOptions extends Abortable {
  readonly visibilityTimeout?: number;
  readonly messageTimeToLive?: number;
}

function queueClient(state: StorageState, carry: CarryCall, queue: string): object {
  const messages = () => state.queue(queue);
  const call = (name: string, { abortSignal }: Abortable = {}): StorageCall => ({
    service: 'queue',
    name: `${queue} ${name}`,
    isWrite: true,
    signal: abortSignal,
  });
  return {
    createIfNotExists: (options?: Abortable) =>
      carry(call('create queue', options), () => ({ succeeded: messages().createIfNotExists() })),
    sendMessage: (
      text: string,
      { visibilityTimeout = 0, messageTimeToLive, ...options }: SendOptions = {},
    ) => {
      if (messageTimeToLive !== -1) throw new Error('A message that runs out may be lost unseen.');
      return carry(call('send', options), () => ({ messageId: messages().send(text, visibilityTimeout).id }));
    },
  };
}

function demandNothing(where: string, options: object): void {
  const [name] = Object.keys(options);
  if (name !== undefined) throw new Error(`The storage of this test knows no ${name} of ${where}.`);
}

/** The methods there are, and an error with a name for every other. */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- whoever calls it says which client it stands for
function only<T extends object>(what: string, methods: object): T {
  return new Proxy(methods, {
    get: (target, name) => {
      // Whether it is a promise is asked of everything that is awaited.
      if (name === 'then' || typeof name === 'symbol') return undefined;
      if (!(name in target)) throw new Error(`The storage of this test has no ${name} in a ${what}.`);
      return Reflect.get(target, name) as unknown;
    },
  }) as T;
}
