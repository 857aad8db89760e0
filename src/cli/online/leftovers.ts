import { eachMemory } from '../../state/memory.js';
import type { TemporaryRule } from '../../types/observation.js';
import { tryParseResourceId, type ResourceId } from '../../types/resource-id.js';
import { errorLine } from '../output/error-line.js';
import type { Output, Terminal } from '../output/terminal.js';
import { openEngine } from './open-engine.js';
import type { OpenState } from './open-state.js';
import type { Session } from './session.js';
import { byHand, isTakenOut } from './take-out.js';

/**
 * What a command left behind whose process was ended: writes without an outcome, and addresses that `allow-me` let in. Said,
 * and put in order first by a command that may write. In a shared account the deployed Holdfast sees to it.
 */
export async function sayLeftovers(
  session: Session,
  state: OpenState,
  { err }: Terminal,
  what: 'tell' | 'take-out',
): Promise<void> {
  if (state.isShared) return;
  if (what === 'take-out') await settle(session, state, err);
  for (const { vault, rules } of await leftoversIn(state)) {
    const names = rules.map(({ value, until }) => `${value} (until ${until})`).join(', ');
    if (what === 'tell') {
      err.write(
        `${names} may still reach ${vault.id}: holdfast allow-me is waiting for it in another terminal, or was ended; then the next command that writes takes it out.\n`,
      );
      continue;
    }
    err.write(
      `${names} may still reach ${vault.id}, because holdfast allow-me was ended: it is taken out first.\n`,
    );
    const { hand } = openEngine(session.settingsFor(vault.id), session.signedIn, state, {
      access: 'write',
    });
    const ended = await hand.endAccess(vault, null, false);
    if (!isTakenOut(ended))
      err.write(errorLine(err, `It could not be taken out. Try again, or: ${byHand(vault, rules)}`));
  }
}

async function settle({ settings, signedIn }: Session, state: OpenState, err: Output): Promise<void> {
  const { hand } = openEngine(settings, signedIn, state, {
    access: 'write',
    onRecord: ({ id, outcome, resourceId }) => {
      err.write(
        `An earlier command was ended in the middle of a write to ${resourceId}: it is ${outcome} (record ${id}).\n`,
      );
    },
  });
  await hand.settle();
}

interface Leftover {
  readonly vault: ResourceId;
  readonly rules: readonly TemporaryRule[];
}

async function leftoversIn({ tables }: OpenState): Promise<readonly Leftover[]> {
  const found: Leftover[] = [];
  for await (const { key, memory } of eachMemory(tables)) {
    const vault = tryParseResourceId(key);
    if (vault !== null && memory.temporaryRules.length > 0)
      found.push({ vault, rules: memory.temporaryRules });
  }
  return found;
}
