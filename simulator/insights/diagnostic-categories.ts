import type { ResourceType } from '../resource-types.js';

/** What a resource type can send: log categories with the groups they are in, and metrics. */
export interface DiagnosticCategories {
  readonly logs: readonly string[];
  readonly groups: Readonly<Record<string, readonly string[]>>;
  readonly metrics: readonly string[];
}

/**
 * https://learn.microsoft.com/azure/azure-monitor/reference/supported-logs/microsoft-keyvault-vaults-logs and
 * …/microsoft-logic-workflows-logs; connections have none.
 */
export function diagnosticCategories(type: ResourceType): DiagnosticCategories | null {
  switch (type.kind) {
    case 'vault':
      return {
        logs: ['AuditEvent', 'AzurePolicyEvaluationDetails'],
        groups: { audit: ['AuditEvent'], allLogs: ['AuditEvent', 'AzurePolicyEvaluationDetails'] },
        metrics: ['AllMetrics'],
      };
    case 'workflow':
      return {
        logs: ['WorkflowRuntime'],
        groups: { allLogs: ['WorkflowRuntime'] },
        metrics: ['AllMetrics'],
      };
    case 'connection':
      return null;
  }
}
