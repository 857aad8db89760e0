import type { Command } from 'commander';
import { offline, online } from '../load.js';
import type { OnlineOptions } from '../online/options.js';
import type { Run } from '../program.js';
import { onlineCommand } from './online-command.js';

/** `holdfast explain`: where the secrets of a workflow go. */
export function explainCommand(run: Run): Command {
  return onlineCommand('explain', 'Follows every secret through a workflow, to where somebody can see it.')
    .argument('<workflow>', "its id, the portal's URL of it, or a file (then no network is needed)")
    .action((workflow: string, options: OnlineOptions) =>
      run(async (terminal) => {
        if (isInAzure(workflow)) return (await online()).explain(workflow, options, terminal);
        const { explainFile, tellFlow } = await offline();
        return tellFlow(workflow, await explainFile(workflow), 'file', options, terminal);
      }),
    );
}

function isInAzure(workflow: string): boolean {
  return /^(?:https:\/\/|\/subscriptions\/)/i.test(workflow);
}
