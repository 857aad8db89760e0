import type { Change, Effect } from './arm-call.js';
import type { ArmRequest } from './arm-message.js';
import type { Findings } from './answer-arm.js';
import type { JournalledRequest } from '../journal.js';
import { withNewProperties } from '../new-properties.js';
import type { World } from '../world.js';

/** Makes what a request did come true: stores it, writes it into the journal and raises its event. */
export function commit(
  world: World,
  effect: Effect,
  entry: JournalledRequest,
  findings: Findings,
  request: ArmRequest,
): void {
  const { principal, operation } = findings;
  if (principal === null || operation === null) return;
  const now = world.clock.now();
  const time = new Date(now).toISOString();
  const { sequence: requestSequence, clientRequestId, correlationId } = entry;
  const { resourceId } = effect;
  if (effect.change !== null) {
    const texts = store(world, effect.change, now);
    world.journal.addChange({
      time,
      requestSequence,
      resourceId,
      operation,
      principal,
      clientRequestId,
      correlationId,
      ...texts,
    });
  }
  if (effect.startsRun !== undefined) {
    world.runs.add(resourceId, now, { trigger: effect.startsRun });
    world.journal.addRun({ time, requestSequence, workflowId: resourceId, trigger: effect.startsRun });
  }
  if (effect.event === null) return;
  world.events.raise({
    subscriptionId: resourceId.split('/')[2] ?? '',
    resourceId,
    child: effect.child,
    namespace: operation.split('/')[0] ?? '',
    operation,
    outcome: effect.event,
    isNew: effect.isNew,
    principal,
    correlationId,
    clientRequestId: clientRequestId ?? entry.requestId,
    method: request.method,
    url: `${world.url()}${request.url}`,
    time: now,
  });
}

function store(
  world: World,
  change: Change,
  now: number,
): { readonly before: string | null; readonly after: string | null } {
  if (change.kind === 'extension') {
    change.store();
    return { before: change.before, after: change.after };
  }
  const { existing, provider } = change;
  const { staleReadsMs } = world.switches.values;
  const before = existing === undefined ? null : provider.text(world, existing, existing.state);
  if (change.kind === 'delete') {
    world.estate.remove(change.existing, now, staleReadsMs);
    // A deleted vault loses its role assignments for good: Key Vault's soft-delete overview.
    if (change.existing.type.kind === 'vault') world.roleAssignments.removeUnder(change.existing.id);
    world.runs.removeOf(change.existing.id);
    if (world.switches.values.diagnosticSettingsOfDeleted === 'lost') {
      world.diagnosticSettings.removeAll(change.existing.id);
    }
    return { before, after: null };
  }
  const { values } = world.switches;
  const state = existing === undefined ? withNewProperties(change.state, values) : change.state;
  const stored = world.estate.put(change.place, state, now, staleReadsMs);
  return { before, after: provider.text(world, stored, stored.state) };
}
