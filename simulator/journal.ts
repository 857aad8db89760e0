import { textAt } from './json.js';
import type { Principal } from './principal.js';

/** ARM, the identity endpoint, Log Analytics' query API, an Event Grid topic, and the Logs Ingestion API. */
export const ENDPOINTS = ['arm', 'identity', 'logs', 'topic', 'ingestion'] as const;
export type Endpoint = (typeof ENDPOINTS)[number];

/** One request that arrived at one of the endpoints. */
export interface JournalledRequest {
  readonly sequence: number;
  /** When it arrived, RFC 3339. */
  readonly time: string;
  /** `client` came over the wire; `actor` was made inside the simulator, on somebody's behalf. */
  readonly origin: 'client' | 'actor';
  readonly endpoint: Endpoint;
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly apiVersion: string | null;
  /** For writes; null for reads. */
  readonly body: string | null;
  readonly requestId: string;
  readonly clientRequestId: string | null;
  readonly correlationId: string;
  readonly principal: Principal | null;
  /** The id of the access token; each process of an app fetches its own. */
  readonly tokenId: string | null;
  /** The ARM action, e.g. `Microsoft.KeyVault/vaults/write`; null where the request did not get that far. */
  readonly operation: string | null;
  /** Null while it is under way, and where no answer was given. */
  readonly status: number | null;
  readonly errorCode: string | null;
  /** Of the answer, in seconds. */
  readonly retryAfter: number | null;
  readonly durationMs: number | null;
  /** Whether a resource is another one than before. */
  readonly changed: boolean;
  /** The id of the fault that struck, if one did. */
  readonly fault: string | null;
}

/** One change of one resource, with the document as a GET shows it before and after. */
export interface JournalledChange {
  readonly sequence: number;
  readonly time: string;
  /** Null where it was Azure itself. */
  readonly requestSequence: number | null;
  readonly resourceId: string;
  readonly operation: string;
  readonly principal: Principal | null;
  readonly clientRequestId: string | null;
  readonly correlationId: string | null;
  readonly before: string | null;
  readonly after: string | null;
}

/** A query, with the request that brought it. */
export interface JournalledQuery {
  readonly request: JournalledRequest;
  readonly text: string;
  readonly timespan: string | null;
}

/** A workflow run that a write started. */
export interface JournalledRun {
  readonly sequence: number;
  readonly time: string;
  readonly requestSequence: number;
  readonly workflowId: string;
  readonly trigger: string;
}

/** One attempt to deliver an event. */
export interface JournalledDelivery {
  readonly sequence: number;
  readonly time: string;
  readonly subscription: string;
  readonly eventId: string;
  readonly operation: string;
  readonly resourceUri: string;
  /** From 1. */
  readonly attempt: number;
  /** Null where the endpoint could not be reached or did not answer in time. */
  readonly status: number | null;
  readonly outcome: 'delivered' | 'retrying' | 'dead-lettered' | 'dropped' | 'lost';
}

export interface RequestFilter {
  /** Only what came after that moment, from `mark()`. */
  readonly since?: number;
  readonly method?: string | readonly string[];
  /** A resource or scope id; requests to it and below it. */
  readonly under?: string;
  readonly origin?: 'client' | 'actor';
  readonly endpoint?: Endpoint;
  readonly changed?: boolean;
}

export interface ChangeFilter {
  readonly since?: number;
  readonly resourceId?: string;
  /** An object id. */
  readonly principal?: string;
}

const RUN_CONTENT = /\/runs\/[^/]+\/[^/]+|\/triggers\/[^/]+\/histories/i;

/** What the simulator was asked and what it did. One sequence numbers everything, so that order can be compared. */
export class Journal {
  #sequence = 0;
  #requests: JournalledRequest[] = [];
  #changes: JournalledChange[] = [];
  #runs: JournalledRun[] = [];
  #deliveries: JournalledDelivery[] = [];

  /** The oldest entries go when there are more requests than `limit`. */
  constructor(private readonly limit: number) {}

  /** This moment, for `since`. */
  mark(): number {
    return this.#sequence;
  }

  clear(): void {
    this.#requests = [];
    this.#changes = [];
    this.#runs = [];
    this.#deliveries = [];
  }

  requests(filter: RequestFilter = {}): readonly JournalledRequest[] {
    const { since = 0, method, origin, endpoint = 'arm', changed } = filter;
    const methods = typeof method === 'string' ? [method] : method;
    const under = filter.under?.toLowerCase();
    return this.#requests.filter(
      (entry) =>
        entry.sequence > since &&
        entry.endpoint === endpoint &&
        (methods?.includes(entry.method) ?? true) &&
        (origin === undefined || entry.origin === origin) &&
        (changed === undefined || entry.changed === changed) &&
        (under === undefined || isUnder(entry.path.toLowerCase(), under)),
    );
  }

  /** GETs that came over the wire. */
  reads(filter: Omit<RequestFilter, 'method' | 'origin'> = {}): readonly JournalledRequest[] {
    return this.requests({ ...filter, method: 'GET', origin: 'client' });
  }

  /** Everything else that came over the wire. */
  writes(filter: Omit<RequestFilter, 'method' | 'origin'> = {}): readonly JournalledRequest[] {
    return this.requests({ ...filter, method: ['PUT', 'PATCH', 'POST', 'DELETE'], origin: 'client' });
  }

  /** What Log Analytics was asked, as it was asked. */
  queries(since = 0): readonly JournalledQuery[] {
    return this.requests({ since, endpoint: 'logs' }).map((request) => {
      const body: unknown = parsed(request.body);
      return { request, text: textAt(body, 'query') ?? '', timespan: textAt(body, 'timespan') ?? null };
    });
  }

  /** Who asked for what went through a workflow's runs: its actions, their inputs and outputs, a trigger's history. */
  runContentRequests(since = 0): readonly JournalledRequest[] {
    return this.requests({ since }).filter(({ path }) => RUN_CONTENT.test(path));
  }

  changes(filter: ChangeFilter = {}): readonly JournalledChange[] {
    const { since = 0, principal } = filter;
    const id = filter.resourceId?.toLowerCase();
    return this.#changes.filter(
      (entry) =>
        entry.sequence > since &&
        (id === undefined || entry.resourceId.toLowerCase() === id) &&
        (principal === undefined || entry.principal?.objectId === principal),
    );
  }

  runs(since = 0): readonly JournalledRun[] {
    return this.#runs.filter((entry) => entry.sequence > since);
  }

  deliveries(since = 0): readonly JournalledDelivery[] {
    return this.#deliveries.filter((entry) => entry.sequence > since);
  }

  addRequest(entry: Omit<JournalledRequest, 'sequence'>): JournalledRequest {
    const numbered = { ...entry, sequence: this.next() };
    this.#requests.push(numbered);
    if (this.#requests.length > this.limit) {
      const dropped = this.#requests.splice(0, Math.ceil(this.limit / 10));
      const oldest = dropped.at(-1)?.sequence ?? 0;
      this.#changes = this.#changes.filter((change) => change.sequence > oldest);
      this.#deliveries = this.#deliveries.filter((delivery) => delivery.sequence > oldest);
    }
    return numbered;
  }

  /** Completes an entry with what became of it. */
  complete(sequence: number, outcome: Partial<JournalledRequest>): void {
    const position = this.#requests.findLastIndex((entry) => entry.sequence === sequence);
    const entry = this.#requests[position];
    if (entry !== undefined) this.#requests[position] = { ...entry, ...outcome };
  }

  addChange(entry: Omit<JournalledChange, 'sequence'>): void {
    this.#changes.push({ ...entry, sequence: this.next() });
  }

  addRun(entry: Omit<JournalledRun, 'sequence'>): void {
    this.#runs.push({ ...entry, sequence: this.next() });
  }

  addDelivery(entry: Omit<JournalledDelivery, 'sequence'>): void {
    this.#deliveries.push({ ...entry, sequence: this.next() });
  }

  private next(): number {
    this.#sequence += 1;
    return this.#sequence;
  }
}

/** A request that has just arrived and of which nothing is known yet. */
export function emptyEntry(now: number): Omit<JournalledRequest, 'sequence'> {
  return {
    time: new Date(now).toISOString(),
    origin: 'client',
    endpoint: 'arm',
    method: '',
    path: '',
    query: '',
    apiVersion: null,
    body: null,
    requestId: '',
    clientRequestId: null,
    correlationId: '',
    principal: null,
    tokenId: null,
    operation: null,
    status: null,
    errorCode: null,
    retryAfter: null,
    durationMs: null,
    changed: false,
    fault: null,
  };
}

function isUnder(path: string, scope: string): boolean {
  return path === scope || path.startsWith(`${scope}/`);
}

function parsed(text: string | null): unknown {
  try {
    return JSON.parse(text ?? 'null');
  } catch {
    return null;
  }
}
