import type { TokenCredential } from '@azure/identity';
import { abortable } from '../engine/abortable.js';
import type { CallerLog } from '../engine/ports/caller-log.js';
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
  let query: ReturnType<typeof createQuery> | undefined;
  return {
    async callersOf(vault, signal = new AbortController().signal) {
      query ??= createQuery(credential, endpoint);
      const asking = query.then((ask) => ask(workspace, queryFor(vault)));
      asking.catch(() => undefined);
      try {
        const table = await abortable(asking, AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]));
        return table === null ? null : callersIn(table);
      } catch {
        return null;
      }
    },
  };
}

/** Null where the answer is not whole. */
type AskLogs = (workspace: string, query: string) => Promise<Table | null>;

interface Table {
  readonly columnDescriptors: readonly { readonly name: string }[];
  readonly rows: readonly (readonly unknown[])[];
}

/** Loaded when it is first needed: a vault is shut for the first time once, and every start would wait for it. */
async function createQuery(credential: TokenCredential, endpoint: string): Promise<AskLogs> {
  const { LogsQueryClient, LogsQueryResultStatus } = await import('@azure/monitor-query-logs');
  const client = new LogsQueryClient(credential, {
    endpoint: `${endpoint}/v1`,
    credentials: { scopes: [`${endpoint}/.default`] },
    retryOptions: { maxRetries: 1 },
    userAgentOptions: { userAgentPrefix: 'holdfast' },
  });
  return async (workspace, query) => {
    // The client writes a slash before it, and two are 403: https://github.com/Azure/azure-sdk-for-js/issues/39361
    const id = workspace.replace(/^\/+/, '');
    const answer = await client.queryResource(id, query, { duration: LOOK_BACK });
    return answer.status === LogsQueryResultStatus.Success ? (answer.tables[0] ?? NO_CALLERS) : null;
  };
}

const NO_CALLERS: Table = { columnDescriptors: [], rows: [] };

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

function callersIn(table: Table): readonly RecentCaller[] {
  const at = (name: string): number =>
    table.columnDescriptors.findIndex((column) => column.name.toLowerCase() === name);
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
