import type { AuditRecord, RecordOutcome } from '../types/record.js';
import type { FindingSource, RemediatorId } from '../types/remediator-id.js';
import type { Edit } from '../types/edit.js';

/*
 * What the page reads of the app's answers. That the app gives it is held by a test of their types.
 */

export type { AuditRecord, Edit, FindingSource, RecordOutcome, RemediatorId };
export type Standing = 'compliant' | 'drifted' | 'exempt' | 'refused';
export type Severity = 'high' | 'medium' | 'low';
export type Mode = 'off' | 'audit' | 'approve' | 'enforce';
export type Kind = 'vault' | 'workflow' | 'connection';
type Counts = Readonly<Record<Severity, number>>;

export interface Policy {
  readonly scopes: readonly string[];
  readonly modes: Readonly<Record<RemediatorId, Mode>>;
  readonly portal: string | null;
  readonly signIn: string | null;
}

export interface RemediatorPosture extends Readonly<Record<Standing, number>> {
  readonly findings: Counts;
}

export interface ScopePosture {
  readonly scope: string;
  readonly resources: number;
  readonly remediators: Readonly<Partial<Record<FindingSource, RemediatorPosture>>>;
}

export interface Posture {
  readonly sweptAt: string | null;
  readonly scopes: readonly ScopePosture[];
}

export interface Finding {
  readonly id: string;
  readonly resourceId: string;
  readonly remediator: FindingSource | null;
  readonly severity: Severity;
  readonly reason: string;
  readonly step: string;
  readonly since: string;
}

export interface AcceptedFinding extends Finding {
  readonly accepted: { readonly at: string; readonly reason: string };
}

export interface Resource {
  readonly resourceId: string;
  readonly kind: Kind;
  readonly remediators: Readonly<Partial<Record<RemediatorId, Standing>>>;
  readonly findings: Counts;
  readonly accepted: number;
}

export interface Paged {
  readonly continuationToken: string | null;
}
export interface RecordsPage extends Paged {
  readonly records: readonly AuditRecord[];
}
export interface FindingsPage extends Paged {
  readonly findings: readonly Finding[];
}
export interface ResourcesPage extends Paged {
  readonly resources: readonly Resource[];
}

export interface Remediation {
  readonly remediator: RemediatorId;
  readonly outcome: RecordOutcome | 'compliant';
  readonly edits: readonly Edit[];
  readonly warnings: readonly string[];
  readonly error: string | null;
}

/** Of `POST /api/remediate` and `POST /api/approve`, also where they answer with a problem. */
export interface Looked {
  readonly outcome?: string;
  readonly retryAfter?: number;
  readonly remediations?: readonly Remediation[];
}

export interface Command {
  readonly title: string;
  readonly az: string;
}

export interface Undo {
  readonly commands: readonly Command[];
  readonly cannotUndo: readonly { readonly path: string; readonly why: string }[];
  readonly holdOff: { readonly command: Command; readonly setting: string; readonly note: string };
  readonly warnings: readonly string[];
}

export interface Exempting {
  readonly until: string;
  readonly command: Command;
  readonly setting: string;
}

export interface Health {
  readonly status: 'healthy' | 'degraded' | 'unhealthy';
  readonly version: string;
  readonly checks: readonly {
    readonly name: string;
    readonly status: 'healthy' | 'degraded' | 'unhealthy';
    readonly detail: string;
  }[];
}

export interface FlowNode {
  readonly id: string;
  readonly kind: 'vault' | 'caller' | 'trigger' | 'action' | 'variable' | 'parameter' | 'workflow-output';
  readonly name: string;
  readonly hidden: readonly ('inputs' | 'outputs')[];
  readonly leaks: readonly FlowLeak[];
}

export interface FlowLeak {
  readonly where: 'inputs' | 'outputs' | 'tracked-properties' | 'response' | 'workflow-output';
  readonly canBeHidden: boolean;
  readonly secrets: readonly string[];
}

export interface SecretFlow {
  readonly secrets: readonly { readonly id: string; readonly description: string }[];
  readonly nodes: readonly FlowNode[];
  readonly edges: readonly {
    readonly from: string;
    readonly to: string;
    readonly secrets: readonly string[];
  }[];
  readonly obstacle: string | null;
}
