import { LogsQueryClient, LogsQueryResultStatus, type LogsTable } from '@azure/monitor-query-logs';
import type { TokenCredential } from '@azure/identity';
import { abortable } from '../engine/abortable.js';
import type { CallerLog } from '../engine/ports.js';
import type { RecentCaller } from '../types/observation.js';
import type { ResourceId } from '../types/resource-id.js';

/** As far back as audit events are kept unless somebody asks for more, and long enough for a monthly job. */
const LOOK_BACK = 'P30D';
const TIMEOUT_MS = 8000;
const MAX_CALLERS = 200;

/**
 * Asks a Log Analytics workspace who called a vault. It may hold the audit events in the table of their own or in the
 * shared one, by how the diagnostic setting was made. A log that is not there, does not answer or may not be read is
 * no reason to leave a vault open: then nobody is named.
 */
export function createCallerLog(
  credential: TokenCredential,
  endpoint: string,
  workspace: string | null,
): CallerLog {
  if (workspace === null) return { callersOf: () => Promise.resolve(null) };
  const client = new LogsQueryClient(credential, {
    endpoint: `${endpoint}/v1`,
    credentials: { scopes: [`${endpoint}/.default`] },
    retryOptions: { maxRetries: 1 },
    userAgentOptions: { userAgentPrefix: 'holdfast' },
  });
  return {
    async callersOf(vault, signal = new AbortController().signal) {
      const asking = client.queryResource(workspace, queryFor(vault), { duration: LOOK_BACK });
      try {
        const answer = await abortable(asking, AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]));
        return answer.status === LogsQueryResultStatus.Success ? callersIn(answer.tables[0]) : null;
      } catch {
        asking.catch(() => undefined);
        return null;
      }
    },
  };
}

/**
 * Calls of the data plane alone: those of the management plane (`VaultGet`, `VaultPatch`) pass no firewall.
 * https://learn.microsoft.com/azure/key-vault/general/logging and
 * https://learn.microsoft.com/azure/azure-monitor/reference/tables/azkvauditlogs. A vault's id has no quotes.
 */
export function queryFor(vault: ResourceId): string {
  const own = `where _ResourceId =~ '${vault.key}' and OperationName !startswith 'Vault'`;
  const who = ['oid', 'appid'].map((claim) => `tostring(Identity.claim.${claim})`).join(', ');
  const whoElse = ['identity_claim_oid_g', 'identity_claim_appid_g']
    .map((column) => `column_ifexists('${column}', '')`)
    .join(', ');
  return [
    'union isfuzzy=true',
    `  (AZKVAuditLogs | ${own} | project TimeGenerated, Address = CallerIpAddress, Caller = coalesce(${who})),`,
    `  (AzureDiagnostics | where Category == 'AuditEvent' | ${own} | project TimeGenerated, Address = CallerIPAddress, Caller = coalesce(${whoElse}))`,
    '| where isnotempty(Address)',
    '| summarize Calls = count(), LastSeen = max(TimeGenerated) by Address, Caller',
    `| top ${MAX_CALLERS} by Calls`,
  ].join('\n');
}

function callersIn(table: LogsTable | undefined): readonly RecentCaller[] {
  if (table === undefined) return [];
  const at = (name: string): number =>
    table.columnDescriptors.findIndex((column) => column.name?.toLowerCase() === name);
  const [address, caller, calls, lastSeen] = ['address', 'caller', 'calls', 'lastseen'].map(at);
  return table.rows.flatMap((row) => {
    const cell = (index: number | undefined): unknown => (index === undefined ? undefined : row[index]);
    const from = cell(address);
    if (typeof from !== 'string' || from === '') return [];
    const who = cell(caller);
    const when = cell(lastSeen);
    return [
      {
        address: from,
        caller: typeof who === 'string' && who !== '' ? who : null,
        calls: Number(cell(calls) ?? 0),
        lastSeen: when instanceof Date ? when.toISOString() : typeof when === 'string' ? when : '',
      },
    ];
  });
}
