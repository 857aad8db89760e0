import type { Command } from 'commander';
import { online } from '../load.js';
import type { AuditOptions } from '../online/audit.js';
import type { Run } from '../program.js';
import { onlineCommand } from './online-command.js';

/** `holdfast audit`: the records. */
export function auditCommand(run: Run): Command {
  return onlineCommand('audit', 'Shows what was changed, planned and refused, newest first.')
    .option('--resource <id>', "of this resource: its id, or the portal's URL of it")
    .option('--remediator <id>', 'of this remediator')
    .option('--outcome <outcome>', 'pending, planned, applied, refused, failed, contested or exempt')
    .option('--since <time>', 'from this time on, e.g. 2026-11-24T00:00:00Z')
    .option('--limit <count>', 'at most so many (100)')
    .option('--app <url>', 'of a deployed app, by its HTTP API; its key is in HOLDFAST_KEY')
    .action((options: AuditOptions) => run(async (terminal) => (await online()).audit(options, terminal)));
}
