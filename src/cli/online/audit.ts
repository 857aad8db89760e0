import { z } from 'zod';
import type { AuditLog, AuditQuery } from '../../engine/ports/audit-log.js';
import { createAuditLog } from '../../state/audit-log.js';
import { RECORD_OUTCOMES, type AuditRecord } from '../../types/record.js';
import { REMEDIATOR_IDS } from '../../types/remediator-id.js';
import { CommandError, EXIT, type ExitCode } from '../exit-code.js';
import { editText } from '../output/edit-text.js';
import { styled } from '../output/report.js';
import { table, type Cell } from '../output/table.js';
import type { Terminal } from '../output/terminal.js';
import { appRecords } from './app-records.js';
import { namedResource } from './named-resource.js';
import { openState, stateDirectory } from './open-state.js';
import type { OnlineOptions } from './options.js';
import { ANY_SUBSCRIPTION, readCommandSettings } from './read-settings.js';
import { signIn } from './sign-in.js';

export interface AuditOptions extends OnlineOptions {
  readonly resource?: string;
  readonly remediator?: string;
  readonly outcome?: string;
  readonly since?: string;
  readonly limit?: string;
  /** Where a deployed Holdfast answers. */
  readonly app?: string;
}

const querySchema = z.object({
  remediator: z.enum(REMEDIATOR_IDS).optional(),
  outcome: z.enum(RECORD_OUTCOMES).optional(),
  since: z.iso
    .datetime({ offset: true })
    .transform((text) => new Date(text).toISOString())
    .optional(),
  limit: z.coerce.number().int().min(1).max(100_000).default(100),
});

/** Shows the records, newest first: those of this machine, of a storage account, or of a deployed app. */
export async function audit(options: AuditOptions, { out }: Terminal): Promise<ExitCode> {
  const read = querySchema.safeParse(options);
  if (!read.success) {
    const [issue] = read.error.issues;
    throw new CommandError(`--${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`, EXIT.usage);
  }
  const { limit, ...filters } = read.data;
  const resourceId = options.resource === undefined ? undefined : namedResource(options.resource).id;
  const query: Omit<AuditQuery, 'limit'> = {
    ...filters,
    ...(resourceId === undefined ? {} : { resourceId }),
  };
  const log = options.app === undefined ? await ownLog(options) : appRecords(options.app, process.env);
  const records = await newest(log, query, limit);
  if (options.json === true) for (const record of records) out.write(`${JSON.stringify(record)}\n`);
  else if (records.length === 0) out.write('There is no such record.\n');
  else
    out.write(
      table(
        HEAD,
        records.map((record) => rowOf(record, out)),
        out.columns,
      ),
    );
  return EXIT.ok;
}

const HEAD = ['time', 'id', 'outcome', 'remediator', 'resource', 'by', 'what'];

function rowOf(record: AuditRecord, out: Terminal['out']): readonly Cell[] {
  const { time, id, outcome, remediator, resourceId, actor, trigger, edits, error } = record;
  return [
    `${time.slice(0, 19).replace('T', ' ')}Z`,
    id,
    styled(out, outcome),
    remediator,
    resourceId.split('/').at(-1) ?? resourceId,
    actor?.name ?? actor?.id ?? trigger,
    error ?? edits.map(editText).join('; '),
  ];
}

async function ownLog(options: AuditOptions): Promise<Pick<AuditLog, 'query'>> {
  // Where records lie has nothing to do with what is in scope.
  const settings = await readCommandSettings(options, process.env, ANY_SUBSCRIPTION);
  const needsToken = settings.storage?.kind === 'identity';
  const credential = needsToken
    ? (await signIn(settings.armEndpoint, options.tenant)).credential
    : { getToken: () => Promise.resolve(null) };
  const directory = stateDirectory(options.state, process.env);
  return createAuditLog(openState('read', settings.storage, directory, credential).tables);
}

const PAGE = 1000;

async function newest(
  log: Pick<AuditLog, 'query'>,
  query: Omit<AuditQuery, 'limit'>,
  limit: number,
): Promise<readonly AuditRecord[]> {
  const records: AuditRecord[] = [];
  let token: string | null = null;
  do {
    const more = token === null ? {} : { continuationToken: token };
    const page = await log.query({ ...query, ...more, limit: Math.min(PAGE, limit - records.length) });
    records.push(...page.records);
    token = page.continuationToken;
  } while (token !== null && records.length < limit);
  return records;
}
