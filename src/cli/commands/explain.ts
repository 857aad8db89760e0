import type { Command } from 'commander';
import { offline, online } from '../load.js';
import type { OnlineOptions } from '../online/options.js';
import type { Context } from '../program.js';
import { onlineCommand } from './online-command.js';

/** `holdfast explain`: where the secrets of a workflow go. */
export function explainCommand(context: () => Context): Command {
  return onlineCommand('explain', 'Follows every secret through a workflow, to where somebody can see it.')
    .argument('<workflow>', "its id, the portal's URL of it, or a file (then no network is needed)")
    .action(async (workflow: string, options: OnlineOptions) => {
      const { terminal, exit } = context();
      if (isInAzure(workflow)) {
        const { explain } = await online();
        exit(await explain(workflow, options, terminal));
        return;
      }
      const { explainFile, tellFlow } = await offline();
      exit(tellFlow(workflow, await explainFile(workflow), 'file', options, terminal));
    });
}

function isInAzure(workflow: string): boolean {
  return /^(?:https:\/\/|\/subscriptions\/)/i.test(workflow);
}
