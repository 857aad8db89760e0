import { withApiVersion } from './api-version.js';
import { requestLine, type ArmRequest, type ArmResponse, type RequestLine } from './arm-message.js';
import { damaged, errorCodeOf, faultyResponse, NO_ANSWER, responseOf, retryAfterOf } from './arm-response.js';
import { answerArm, type Findings } from './answer-arm.js';
import { commit } from './commit.js';
import { whenOf, type FaultAction, type Strike } from '../faults.js';
import { emptyEntry, type Endpoint, type JournalledRequest } from '../journal.js';
import { principalNamed, type Principal } from '../principal.js';
import { VaultWrites } from './vault-writes.js';
import type { World } from '../world.js';

/** What answers the requests of an endpoint, and how faults and the journal call it. */
export interface Service {
  readonly endpoint: Exclude<Endpoint, 'identity'>;
  readonly answer: typeof answerArm;
}

const ARM: Service = { endpoint: 'arm', answer: answerArm };

/** ARM, or another service with a URL of its own: takes requests, and lets what is to go wrong go wrong around the answer to them. */
export class ArmEndpoint {
  readonly #vaultWrites = new VaultWrites();

  constructor(
    private readonly world: World,
    private readonly service: Service = ARM,
  ) {}

  /** A request over the wire. */
  async handle(request: ArmRequest): Promise<ArmResponse> {
    const { world } = this;
    const line = requestLine(request.url);
    const entry = world.journal.addRequest(this.entryOf(request, line, null));
    const strikes = world.faults.strike(this.service.endpoint, request.method, line.path);
    const write = this.#vaultWrites.begin(request.method, line.path);
    const isContended = write.isContended && world.switches.values.concurrentVaultWrites === 'conflict';
    try {
      await world.clock.sleep(world.latency.draw(), world.closing);
      return await this.answer(request, line, entry, strikes, { actor: null, isContended });
    } finally {
      write.end();
    }
  }

  /** A request made inside the simulator: it needs no token, and faults, latency and throttling do not concern it. */
  async act(request: ArmRequest, actor: Principal): Promise<ArmResponse> {
    const line = requestLine(request.url);
    const entry = this.world.journal.addRequest(this.entryOf(request, line, actor));
    return this.answer(request, line, entry, [], { actor, isContended: false });
  }

  private async answer(
    request: ArmRequest,
    line: RequestLine,
    entry: JournalledRequest,
    strikes: readonly Strike[],
    circumstances: { readonly actor: Principal | null; readonly isContended: boolean },
  ): Promise<ArmResponse> {
    const { world } = this;
    const findings: Findings = { principal: circumstances.actor, tokenId: null, operation: null };
    const isStale = strikes.some(({ action }) => action.kind === 'stale');
    let changed = false;
    let response = await this.suffer(strikes, 'before', entry, request);
    if (response === null) {
      const outcome = this.service.answer(world, request, line, { ...circumstances, isStale }, findings);
      const { effect } = outcome.answer;
      if (effect !== null) commit(world, effect, entry, findings, request);
      changed = effect !== null && effect.change !== null;
      response = (await this.suffer(strikes, 'after', entry, request)) ?? responseOf(outcome, entry, request);
    }
    for (const { action } of strikes) response = damaged(response, action);
    const now = world.clock.now();
    world.journal.complete(entry.sequence, {
      ...findings,
      status: response.ending === 'no-answer' ? null : response.status,
      errorCode: errorCodeOf(response),
      retryAfter: retryAfterOf(response, now),
      durationMs: now - Date.parse(entry.time),
      changed,
      fault: strikes.length === 0 ? null : strikes.map(({ id }) => id).join(','),
    });
    return response;
  }

  /** Lets the faults of a moment happen, one after the other, up to the one that is the answer. */
  private async suffer(
    strikes: readonly Strike[],
    when: 'before' | 'after',
    entry: JournalledRequest,
    request: ArmRequest,
  ): Promise<ArmResponse | null> {
    for (const { action } of strikes) {
      if (whenOf(action) !== when) continue;
      const response = await this.sufferOne(action, entry, request);
      if (response !== null) return response;
    }
    return null;
  }

  private async sufferOne(
    action: FaultAction,
    entry: JournalledRequest,
    request: ArmRequest,
  ): Promise<ArmResponse | null> {
    const { clock, closing, platformIps } = this.world;
    switch (action.kind) {
      case 'error':
        return faultyResponse(action, entry, request);
      case 'reset':
        return NO_ANSWER;
      case 'hang':
        await clock.sleep(
          Number.MAX_SAFE_INTEGER,
          request.hungUp === undefined ? closing : AbortSignal.any([closing, request.hungUp]),
        );
        return NO_ANSWER;
      case 'delay':
        await clock.sleep(action.ms, closing);
        return null;
      case 'change-outbound-ips':
        platformIps.change(action.location, action.ips);
        return null;
      case 'somebody-else':
        await this.act(requestOf(action), principalNamed(action.as));
        return null;
      case 'truncate':
      case 'stale':
        return null;
    }
  }

  /** "Optional. Caller-specified value": https://github.com/Azure/azure-cli/issues/18756 quotes ARM's contract. */
  private given(correlationId: string | undefined): string | undefined {
    return this.world.switches.values.correlationRequestId === 'honoured' ? correlationId : undefined;
  }

  private entryOf(
    request: ArmRequest,
    line: RequestLine,
    actor: Principal | null,
  ): Omit<JournalledRequest, 'sequence'> {
    const { clock, random } = this.world;
    const { headers, method } = request;
    return {
      ...emptyEntry(clock.now()),
      origin: actor === null ? 'client' : 'actor',
      endpoint: this.service.endpoint,
      method,
      path: line.path,
      query: line.queryText,
      apiVersion: line.query.get('api-version'),
      body: method === 'GET' ? null : request.body,
      requestId: random.guid(),
      clientRequestId: headers['x-ms-client-request-id'] ?? null,
      correlationId: this.given(headers['x-ms-correlation-request-id']) ?? random.guid(),
      principal: actor,
    };
  }
}

/** A request as somebody inside the simulator makes it. */
export function requestOf(action: {
  readonly method: string;
  readonly path: string;
  readonly body?: string;
}): ArmRequest {
  return {
    method: action.method,
    url: withApiVersion(action.path),
    headers: { 'content-type': 'application/json' },
    body: action.body ?? '',
    clientIp: null,
  };
}
