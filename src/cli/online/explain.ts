import { CommandError, EXIT, type ExitCode } from '../exit-code.js';
import { tellFlow } from '../explain/explain.js';
import type { Terminal } from '../output/terminal.js';
import { namedResource, notInAzure, outOfScope } from './named-resource.js';
import { openEngine } from './open-engine.js';
import type { OnlineOptions } from './options.js';
import { startSession } from './session.js';

/** The secret flow of a workflow as it is now; nothing is written anywhere. */
export async function explain(
  resource: string,
  options: OnlineOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const id = namedResource(resource);
  if (id.kind !== 'workflow') {
    throw new CommandError(
      `${id.id} is a ${id.kind}: it is a workflow whose secrets can be followed.`,
      EXIT.usage,
    );
  }
  const session = await startSession(options, 'audit', id.id);
  const laptop = openEngine(session.settings, session.signedIn, session.openState('read'), {
    access: 'plan',
  });
  const shown = await laptop.engine.secretFlow(id);
  switch (shown.kind) {
    case 'flow':
      return tellFlow(id.id, shown.flow, 'azure', options, terminal);
    case 'out-of-scope':
      throw outOfScope(id);
    case 'gone':
      throw notInAzure(id);
    case 'unavailable': {
      const met = laptop.encounters.obstacle();
      throw met === null
        ? new CommandError(shown.why, EXIT.failed)
        : new CommandError(`${shown.why} ${met.message}`, met.exitCode);
    }
  }
}
