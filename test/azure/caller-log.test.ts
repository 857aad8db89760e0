import { LogsQueryClient, LogsQueryResultStatus, type LogsQueryResult } from '@azure/monitor-query-logs';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { createCallerLog, queryFor } from '../../src/azure/caller-log.js';
import { parseResourceId } from '../../src/types/resource-id.js';

/*
 * What is asked and how an answer is read; over the wire it goes in the scenarios.
 */

const VAULT = parseResourceId(
  '/subscriptions/11111111-2222-4333-8444-555555555555/resourceGroups/Rg/providers/Microsoft.KeyVault/vaults/kv-One',
);
const WORKSPACE =
  '/subscriptions/11111111-2222-4333-8444-555555555555/resourceGroups/rg/providers/Microsoft.OperationalInsights/workspaces/logs';
const ENDPOINT = 'https://logs.example';
const NO_TOKEN = { getToken: () => Promise.resolve(null) };

afterEach(() => {
  vi.restoreAllMocks();
});

type Cell = string | number | boolean | Date | null;

function tableOf(columns: readonly string[], ...rows: readonly (readonly Cell[])[]) {
  const columnDescriptors = columns.map((name) => ({ name, type: 'string' as const }));
  return { name: 'PrimaryResult', columnDescriptors, rows: rows.map((row) => [...row]) };
}

/** A log whose client gives this. */
function logOf(answer: () => Promise<LogsQueryResult>) {
  const asked = vi.spyOn(LogsQueryClient.prototype, 'queryResource').mockImplementation(answer);
  return { log: createCallerLog(NO_TOKEN, ENDPOINT, WORKSPACE), asked };
}

const COLUMNS = ['Address', 'Caller', 'Calls', 'LastSeen'];
const success = (...tables: readonly ReturnType<typeof tableOf>[]) =>
  Promise.resolve({ status: LogsQueryResultStatus.Success, tables: [...tables] } as LogsQueryResult);

describe('the query', () => {
  test('is of this vault alone, in either table, and of no call of the management plane', () => {
    const text = queryFor(VAULT);
    expect(text.split(`'${VAULT.key}'`)).toHaveLength(3);
    expect(text.split("OperationName !startswith 'Vault'")).toHaveLength(3);
    expect(text).toContain('AZKVAuditLogs');
    expect(text).toContain("AzureDiagnostics | where Category == 'AuditEvent'");
    // One of the two tables need not be there.
    expect(text).toContain('isfuzzy=true');
  });

  test('goes to the workspace, over the last 30 days', async () => {
    const { log, asked } = logOf(() => success());
    await log.callersOf(VAULT);
    const id = WORKSPACE.slice(1);
    expect(asked).toHaveBeenCalledExactlyOnceWith(id, queryFor(VAULT), { duration: 'P30D' });
  });
});

describe('an answer', () => {
  const seen = new Date('2026-03-01T08:00:00.000Z');
  const lastSeen = seen.toISOString();
  test.each<[string, ReturnType<typeof tableOf>[], unknown]>([
    [
      'names address, caller, calls and when last',
      [tableOf(COLUMNS, ['20.1.2.3', 'somebody', 7, seen])],
      [{ address: '20.1.2.3', caller: 'somebody', calls: 7, lastSeen }],
    ],
    [
      'may have its columns in another order and case, and its times as text',
      [tableOf(['lastseen', 'CALLS', 'caller', 'address'], [lastSeen, 7, 'somebody', '20.1.2.3'])],
      [{ address: '20.1.2.3', caller: 'somebody', calls: 7, lastSeen }],
    ],
    [
      'may not say who it was',
      [tableOf(COLUMNS, ['20.1.2.3', '', 1, seen], ['20.1.2.4', null, 1, seen])],
      [
        { address: '20.1.2.3', caller: null, calls: 1, lastSeen },
        { address: '20.1.2.4', caller: null, calls: 1, lastSeen },
      ],
    ],
    ['without addresses names nobody', [tableOf(COLUMNS, ['', 'a', 1, seen], [null, 'b', 1, seen])], []],
    ['without the columns names nobody', [tableOf(['Something'], ['20.1.2.3'])], []],
    [
      'with the address alone names that',
      [tableOf(['Address'], ['20.1.2.3'])],
      [{ address: '20.1.2.3', caller: null, calls: 0, lastSeen: '' }],
    ],
    ['without a table is that nobody called', [], []],
  ])('%s', async (_what, tables, expected) => {
    expect(await logOf(() => success(...tables)).log.callersOf(VAULT)).toEqual(expected);
  });

  test('in part is none: who is missing from it would not be named', async () => {
    const partial = {
      status: LogsQueryResultStatus.PartialFailure,
      partialTables: [tableOf(COLUMNS, ['20.1.2.3', 'somebody', 7, seen])],
      partialError: { name: 'Error', code: 'PartialError', message: 'not all of it' },
    } as LogsQueryResult;
    expect(await logOf(() => Promise.resolve(partial)).log.callersOf(VAULT)).toBeNull();
  });

  test('that fails is none, and nothing of the failure gets out', async () => {
    const { log } = logOf(() => Promise.reject(new Error('403')));
    expect(await log.callersOf(VAULT)).toBeNull();
  });

  test('that the caller does not wait for any longer is none', async () => {
    const { log } = logOf(() => new Promise(() => undefined));
    const waiting = new AbortController();
    const asking = log.callersOf(VAULT, waiting.signal);
    waiting.abort();
    expect(await asking).toBeNull();
  });

  test('that does not come is none after eight seconds', async () => {
    const timeout = vi.spyOn(AbortSignal, 'timeout').mockReturnValue(AbortSignal.abort());
    const { log } = logOf(() => new Promise(() => undefined));
    expect(await log.callersOf(VAULT)).toBeNull();
    expect(timeout).toHaveBeenCalledWith(8000);
  });

  test('is not asked for where no workspace is set', async () => {
    const asked = vi.spyOn(LogsQueryClient.prototype, 'queryResource');
    expect(await createCallerLog(NO_TOKEN, ENDPOINT, null).callersOf(VAULT)).toBeNull();
    expect(asked).not.toHaveBeenCalled();
  });
});
