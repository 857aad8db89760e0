import { randomBytes } from 'node:crypto';
import { Actor } from './actor.js';
import { ArmEndpoint, requestOf } from './arm/arm-endpoint.js';
import type { ArmRequest, ArmResponse } from './arm/arm-message.js';
import { Access } from './access/access.js';
import { assignRole, type Assignment } from './authorization/assign-role.js';
import { Groups } from './authorization/groups.js';
import { isGranted, type Demand } from './authorization/is-granted.js';
import { RoleAssignments } from './authorization/role-assignments.js';
import { RoleDefinitions, type CustomRole } from './authorization/role-definitions.js';
import { systemClock, type Clock } from './clock.js';
import { deploy, type Deployed, type Deployment } from './deploy.js';
import { Deployments } from './deployments/deployments.js';
import { documentText } from './documents/document-text.js';
import { Documents } from './documents/documents.js';
import { Estate } from './estate.js';
import { EventGrid, type EventGridOptions, type EventSubscription } from './event-grid/event-grid.js';
import { answerTopic } from './event-grid/answer-topic.js';
import { EventTopic } from './event-grid/event-topic.js';
import { Faults } from './faults.js';
import { answerIngestion } from './ingestion/answer-ingestion.js';
import { Ingestion } from './ingestion/ingestion.js';
import { DiagnosticSettings } from './insights/diagnostic-settings.js';
import { answerLogs } from './logs/answer-logs.js';
import { Logs } from './logs/logs.js';
import { emptyEntry, Journal } from './journal.js';
import { Latency, type LatencySettings } from './latency.js';
import { Locks } from './locks.js';
import { WorkflowRuns, type RunDetails } from './logic/workflow-runs.js';
import { ManagedIdentity } from './identity/managed-identity.js';
import { Permissions } from './permissions.js';
import { PlatformIps, type RegionIps } from './platform-ips.js';
import { place } from './place.js';
import { managedIdentity, principalNamed, type Application, type Principal } from './principal.js';
import { providerOf } from './arm/arm-operation.js';
import { extensionId } from './arm/extension-route.js';
import { seededRandom } from './random.js';
import { FunctionApps } from './web/function-apps.js';
import { signIn } from './web/sign-in.js';
import { SwitchBoard, type Switches } from './switches.js';
import { Throttling, type ThrottlingSettings } from './throttling.js';
import { Tokens } from './identity/token.js';
import { FilledContainers } from './storage/filled-containers.js';
import { storeDeadLetterBlob } from './event-grid/store-dead-letter-blob.js';
import { callWebhook } from './event-grid/webhook.js';
import type { World } from './world.js';

export interface AzureOptions {
  readonly tenantId?: string;
  /** Subscriptions that are there from the start; others come with their first resource group. */
  readonly subscriptions?: readonly string[];
  /** Who the app is. */
  readonly identity?: Application;
  readonly tokenLifetimeSeconds?: number;
  readonly switches?: Partial<Switches>;
  readonly latency?: LatencySettings;
  readonly throttling?: Partial<ThrottlingSettings>;
  readonly events?: Partial<EventGridOptions>;
  readonly pageSize?: number;
  /** How many requests the journal keeps. */
  readonly journalLimit?: number;
  readonly clock?: Clock;
  /** Decides ids, chance and what is drawn; the same seed, the same run. */
  readonly seed?: number;
}

export const DEFAULT_SUBSCRIPTION = '11111111-1111-4111-8111-111111111111';
export const DEFAULT_TENANT = '22222222-2222-4222-8222-222222222222';

/**
 * An Azure inside this process, without a socket: `handle` answers what would come over the wire. `startSimulator`
 * puts it behind a real server.
 */
export class Azure {
  readonly tenantId: string;
  readonly switches: SwitchBoard;
  readonly faults: Faults;
  readonly latency: Latency;
  readonly throttling: Throttling;
  readonly permissions: Permissions;
  readonly locks: Locks;
  /** Of the directory: who is in which group. */
  readonly groups = new Groups();
  /** Log Analytics: its workspaces, and what is in them. */
  readonly logs = new Logs();
  /** An Event Grid custom topic: what was sent to it. */
  readonly topic = new EventTopic(
    `/subscriptions/${DEFAULT_SUBSCRIPTION}/resourceGroups/events/providers/Microsoft.EventGrid/topics/records`,
  );
  /** The Logs Ingestion API: its data collection rules, and what came in. */
  readonly ingestion = new Ingestion();
  /** The storage containers that have blobs in them. */
  readonly filledContainers = new FilledContainers();
  /** Who could read which secret, by everything in the estate. */
  readonly access = new Access(() => this.#world);
  readonly journal: Journal;
  readonly identity: ManagedIdentity;
  /** Deployments of templates: what became of each. */
  readonly deployments: Deployments;
  /** Function apps: their packages and settings, and where they answer. */
  readonly functionApps: FunctionApps;
  readonly #world: World;
  readonly #endpoint: ArmEndpoint;
  readonly #logsEndpoint: ArmEndpoint;
  readonly #topicEndpoint: ArmEndpoint;
  readonly #ingestionEndpoint: ArmEndpoint;
  readonly #closing = new AbortController();

  constructor(
    url: () => string,
    options: AzureOptions = {},
    logsUrl: () => string = () => 'https://api.loganalytics.io/v1',
    identityUrl: () => string = () => 'http://127.0.0.1:41741/msi/token',
  ) {
    const clock = options.clock ?? systemClock;
    const random = seededRandom(options.seed ?? 1);
    this.tenantId = options.tenantId ?? DEFAULT_TENANT;
    this.switches = new SwitchBoard(options.switches);
    this.faults = new Faults(random);
    this.latency = new Latency(random, options.latency);
    this.throttling = new Throttling(clock, options.throttling);
    this.permissions = new Permissions((principalId, action, scope, isData) =>
      isGranted(this.#world, { principalId, action, scope, isData }),
    );
    this.functionApps = new FunctionApps(() => this.#world, identityUrl);
    this.deployments = new Deployments((request, principal) =>
      this.#endpoint.act(requestOf(request), principal),
    );
    this.locks = new Locks();
    this.journal = new Journal(options.journalLimit ?? 200_000);
    const audiences = (): readonly string[] => [`${url()}/`, url()];
    const tokens = new Tokens(this.tenantId, randomBytes(32).toString('hex'), audiences);
    this.identity = new ManagedIdentity(
      {
        principal: options.identity ?? managedIdentity('holdfast'),
        header: randomBytes(16).toString('hex').toUpperCase(),
        tokenLifetimeSeconds: options.tokenLifetimeSeconds ?? 86_400,
      },
      tokens,
      clock,
      random,
      (header) => this.functionApps.identitiesWith(header),
    );
    const closing = this.#closing.signal;
    const events = new EventGrid({
      tenantId: this.tenantId,
      audience: () => `${url()}/`,
      clock,
      random,
      switches: this.switches,
      journal: this.journal,
      closing,
      options: {
        timeScale: 1,
        responseTimeoutMs: 30_000,
        maxAttempts: 30,
        call: callWebhook,
        storeDeadLetter: storeDeadLetterBlob,
        ...options.events,
      },
    });
    this.#world = {
      tenantId: this.tenantId,
      url,
      logsUrl,
      pageSize: options.pageSize ?? 100,
      clock,
      random,
      switches: this.switches,
      latency: this.latency,
      faults: this.faults,
      throttling: this.throttling,
      permissions: this.permissions,
      tokens,
      locks: this.locks,
      roleDefinitions: new RoleDefinitions(),
      roleAssignments: new RoleAssignments(),
      groups: this.groups,
      diagnosticSettings: new DiagnosticSettings(),
      logs: this.logs,
      topic: this.topic,
      ingestion: this.ingestion,
      runs: new WorkflowRuns(random),
      estate: new Estate(),
      documents: new Documents(),
      filledContainers: this.filledContainers,
      deployments: this.deployments,
      functionApps: this.functionApps,
      platformIps: new PlatformIps(),
      journal: this.journal,
      events,
      closing,
    };
    for (const id of options.subscriptions ?? [DEFAULT_SUBSCRIPTION]) this.#world.estate.addSubscription(id);
    this.#endpoint = new ArmEndpoint(this.#world);
    this.#logsEndpoint = new ArmEndpoint(this.#world, { endpoint: 'logs', answer: answerLogs });
    this.#topicEndpoint = new ArmEndpoint(this.#world, { endpoint: 'topic', answer: answerTopic });
    this.#ingestionEndpoint = new ArmEndpoint(this.#world, {
      endpoint: 'ingestion',
      answer: answerIngestion,
    });
  }

  get events(): EventGrid {
    return this.#world.events;
  }

  get pageSize(): number {
    return this.#world.pageSize;
  }

  set pageSize(size: number) {
    this.#world.pageSize = size;
  }

  /** Answers a request to ARM. */
  handle(request: ArmRequest): Promise<ArmResponse> {
    return this.#endpoint.handle(request);
  }

  /** Answers a request to Log Analytics' query API. */
  handleLogs(request: ArmRequest): Promise<ArmResponse> {
    return this.#logsEndpoint.handle(request);
  }

  /** Answers a request to the Event Grid topic. */
  handleTopic(request: ArmRequest): Promise<ArmResponse> {
    return this.#topicEndpoint.handle(request);
  }

  /** Answers a request to the Logs Ingestion API; the body as it was before it was compressed. */
  handleIngestion(request: ArmRequest): Promise<ArmResponse> {
    return this.#ingestionEndpoint.handle(request);
  }

  /** Somebody to do things as; a name with an `@` is a user, any other a service principal. */
  as(who: string | Principal): Actor {
    return new Actor(typeof who === 'string' ? principalNamed(who) : who, this.#endpoint);
  }

  /** An access token for whoever is to call over the wire: of this tenant, unless they have signed in to another. */
  tokenFor(who: string | Principal, audience?: string, tenantId?: string): string {
    const { clock, random, tokens, url } = this.#world;
    const principal = typeof who === 'string' ? principalNamed(who) : who;
    const issuedAt = Math.floor(clock.now() / 1000);
    return tokens.issue(principal, audience ?? url(), issuedAt, 3600, random.guid(), tenantId);
  }

  addSubscription(subscriptionId: string): void {
    this.#world.estate.addSubscription(subscriptionId);
  }

  /** Gives its id. */
  addResourceGroup(subscriptionId: string, name: string, location = 'westeurope'): string {
    const group = this.#world.estate.putGroup(subscriptionId, name, location);
    return `/subscriptions/${group.subscriptionId}/resourceGroups/${group.name}`;
  }

  /** Deploys one template resource, as text, on somebody's behalf; it raises an event. */
  deploy(
    resource: string,
    where: Deployment,
    who: string | Principal = 'deployment-pipeline',
  ): Promise<Deployed> {
    return deploy(this.#world, this.as(who), resource, where);
  }

  /** Puts a whole document into the estate as it is, without rule, event or journal. Gives its id. */
  place(document: string): string {
    return place(this.#world, document);
  }

  /** Takes away what was placed or made, and what belongs to it, as if it had never been: no event, journal or soft delete. */
  displace(id: string): void {
    const resource = this.#world.estate.find(id);
    if (resource === undefined) return;
    this.#world.estate.forget(resource);
    this.#world.roleAssignments.removeUnder(resource.id);
    this.#world.diagnosticSettings.removeAll(resource.id);
  }

  /** Gives a role, without rule, event or journal. Gives the assignment's id. */
  assignRole(assignment: Assignment): string {
    return assignRole(this.#world, assignment);
  }

  /** Whether somebody's roles, as they are now, hold an action on a scope. */
  isGranted(demand: Demand): boolean {
    return isGranted(this.#world, demand);
  }

  /** A role of the tenant's own. Gives its id. */
  addRoleDefinition(role: CustomRole): string {
    return extensionId('role-definitions', '', this.#world.roleDefinitions.add(role).name);
  }

  /** A resource as it is now, whatever reads are shown; undefined where there is none. */
  read(id: string): string | undefined {
    const resource = this.#world.estate.find(id);
    if (resource !== undefined) return providerOf(resource.type).text(this.#world, resource, resource.state);
    const document = this.#world.documents.find(id);
    return document && documentText(document);
  }

  /** The ids of everything in the estate. */
  resourceIds(): readonly string[] {
    const { estate, documents } = this.#world;
    return [...estate.all(), ...documents.all].map(({ id }) => id);
  }

  /** A stored value that no answer shows: of a secure parameter or a connection's credential, as JSON text. */
  secretOf(id: string, name: string): string | undefined {
    return this.#world.estate.find(id)?.state.secrets.get(name);
  }

  /** Somebody signs in to a connection, as with its consent link; no event says so. */
  signIn(connectionId: string, who: string | Principal): void {
    signIn(this.#world, connectionId, typeof who === 'string' ? principalNamed(who) : who);
  }

  /** Who has signed in to a connection; undefined where nobody has. */
  connectionPrincipal(
    connectionId: string,
  ): { readonly objectId: string; readonly name: string } | undefined {
    return this.#world.estate.find(connectionId)?.state.signedIn;
  }

  /** A workflow runs, now or at another time; nothing of what goes through it is kept. Gives the run's name. */
  run(workflowId: string, details: RunDetails = {}): string {
    return this.#world.runs.add(workflowId, this.#world.clock.now(), details).name;
  }

  /** So many runs, evenly from one time up to another (milliseconds since 1970). */
  addRuns(workflowId: string, count: number, from: number, to: number, details: RunDetails = {}): void {
    const step = count > 1 ? (to - from) / (count - 1) : 0;
    for (let i = 0; i < count; i += 1) this.run(workflowId, { ...details, startedAt: from + i * step });
  }

  /** Microsoft changes a region's addresses. No event says so. */
  changeOutboundIps(location: string, ips: Partial<RegionIps>): void {
    this.#world.platformIps.change(location, ips);
  }

  outboundIps(location: string): RegionIps {
    return this.#world.platformIps.of(location);
  }

  /** Does the handshake with the endpoint and delivers what happens from now on. Gives the subscription's name. */
  subscribeEvents(subscription: EventSubscription): Promise<string> {
    return this.#world.events.subscribe(subscription);
  }

  /** In the simulator's time; ends early when it stops. */
  sleep(ms: number): Promise<void> {
    return this.#world.clock.sleep(ms, this.#closing.signal);
  }

  /** Writes a request for a token into the journal; `complete` says what became of it. */
  noteIdentityRequest(
    method: string,
    path: string,
    query: URLSearchParams,
  ): { readonly complete: (status: number | null, fault: string | null) => void } {
    const { clock, journal, random } = this.#world;
    const started = clock.now();
    const { sequence } = journal.addRequest({
      ...emptyEntry(started),
      endpoint: 'identity',
      method,
      path,
      query: query.toString(),
      apiVersion: query.get('api-version'),
      requestId: random.guid(),
    });
    return {
      complete: (status, fault) => {
        journal.complete(sequence, { status, fault, durationMs: clock.now() - started });
      },
    };
  }

  /** Ends what waits: delays, hanging requests, retries of events. */
  stop(): void {
    this.#closing.abort();
  }
}
