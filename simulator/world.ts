import type { Clock } from './clock.js';
import type { Deployments } from './deployments/deployments.js';
import type { Documents } from './documents/documents.js';
import type { Estate } from './estate.js';
import type { EventGrid } from './event-grid/event-grid.js';
import type { EventTopic } from './event-grid/event-topic.js';
import type { Faults } from './faults.js';
import type { Groups } from './authorization/groups.js';
import type { RoleAssignments } from './authorization/role-assignments.js';
import type { RoleDefinitions } from './authorization/role-definitions.js';
import type { DiagnosticSettings } from './insights/diagnostic-settings.js';
import type { Ingestion } from './ingestion/ingestion.js';
import type { Journal } from './journal.js';
import type { Latency } from './latency.js';
import type { Locks } from './locks.js';
import type { Logs } from './logs/logs.js';
import type { Permissions } from './permissions.js';
import type { PlatformIps } from './platform-ips.js';
import type { Random } from './random.js';
import type { SwitchBoard } from './switches.js';
import type { FilledContainers } from './storage/filled-containers.js';
import type { Throttling } from './throttling.js';
import type { WorkflowRuns } from './logic/workflow-runs.js';
import type { Tokens } from './identity/token.js';
import type { FunctionApps } from './web/function-apps.js';

/** Everything there is in this Azure. Whatever answers a request reads and changes it here and nowhere else. */
export interface World {
  readonly tenantId: string;
  /** ARM's own URL, without a slash at the end. It is known once the server listens. */
  readonly url: () => string;
  /** The base of Log Analytics' query API, with `/v1`. */
  readonly logsUrl: () => string;
  /** How many items a list gives at most. */
  pageSize: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly switches: SwitchBoard;
  readonly latency: Latency;
  readonly faults: Faults;
  readonly throttling: Throttling;
  readonly permissions: Permissions;
  readonly tokens: Tokens;
  readonly locks: Locks;
  readonly roleDefinitions: RoleDefinitions;
  readonly roleAssignments: RoleAssignments;
  readonly groups: Groups;
  readonly diagnosticSettings: DiagnosticSettings;
  readonly logs: Logs;
  readonly topic: EventTopic;
  readonly ingestion: Ingestion;
  readonly runs: WorkflowRuns;
  readonly estate: Estate;
  readonly documents: Documents;
  readonly filledContainers: FilledContainers;
  readonly deployments: Deployments;
  readonly functionApps: FunctionApps;
  readonly platformIps: PlatformIps;
  readonly journal: Journal;
  readonly events: EventGrid;
  /** Aborted when the simulator closes. */
  readonly closing: AbortSignal;
}
