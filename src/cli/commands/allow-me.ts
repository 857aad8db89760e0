import type { Command } from 'commander';
import { online } from '../load.js';
import type { AllowMeOptions } from '../online/allow-me.js';
import type { Run } from '../program.js';
import { writingCommand } from './online-command.js';

/** `holdfast allow-me`: lets an address in for a while. */
export function allowMeCommand(run: Run): Command {
  return writingCommand(
    'allow-me',
    "Lets your address into a vault's firewall for a while, and takes it out again.",
  )
    .argument('<vault>', "its name, its id, or the portal's URL of it")
    .option('--ip <address>', 'the IPv4 address or block (/24 at most) that you come from')
    .requiredOption('--for <time>', '30m, 2h, 1h30m or PT2H; 24 hours at most')
    .option('--wait', 'take it out from here, also where a deployed Holdfast would')
    .action((vault: string, options: AllowMeOptions) =>
      run(async (terminal) => (await online()).allowMe(vault, options, terminal)),
    );
}
