import type { JournalledChange } from '../../simulator/journal.js';
import { explains } from '../evidence/explains.js';
import { differencesBetween, memberKey, type Difference } from '../evidence/json-diff.js';
import { describe, ownWrites, parsed, type OwnWrite } from '../evidence/own-writes.js';
import { valueAt } from '../../src/types/apply-edits.js';
import type { Json } from '../../src/types/json.js';
import { HOLDFAST } from '../world/holdfast.js';
import { isHeldByVersions, isOfVersion, isTakenUp } from '../evidence/taken-up.js';
import type { Evidence } from '../evidence/evidence.js';
import type { Invariant, Violation } from './invariant.js';

/**
 * (3) No foreign rule, policy or field that the last read showed is lost by a write. An edit may take out an IP rule
 * only where Holdfast had put it in, and a policy only where it puts a smaller one in its place. What somebody saved of
 * a workflow last is there when all is over, with Holdfast's edits on top, whenever it was saved.
 */
export const foreignKept: Invariant = (world) => {
  const writes = ownWrites(world);
  return [...writes.flatMap((write) => lostByWrite(world, write)), ...lostSaves(world, writes)];
};

function lostByWrite(world: Evidence, write: OwnWrite): readonly Violation[] {
  const { change, read, after, before } = write;
  if (read === null || change.after === null) return [];
  const lostBefore = new Set(differencesBetween(read.document, before).map(keyOf));
  return differencesBetween(read.document, after)
    .filter((difference) => isLoss(difference) && !lostBefore.has(keyOf(difference)))
    .flatMap((difference): readonly Violation[] => {
      const why = forbidden(world, write, difference);
      if (why === null) return [];
      const what = `${why}: ${describe(difference)}`;
      return [{ invariant: 'foreign-kept', at: Date.parse(change.time), what, about: change.resourceId }];
    });
}

const STATE = '/properties/state';

function lostSaves({ azure }: Evidence, writes: readonly OwnWrite[]): readonly Violation[] {
  const workflows = azure.resourceIds().filter((id) => /\/workflows\/[^/]+$/i.test(id));
  return workflows.flatMap((id): readonly Violation[] => {
    const changes = azure.journal.changes({ resourceId: id });
    const theirs = changes.filter(({ principal }) => principal?.objectId !== HOLDFAST.objectId);
    const saved = theirs.at(-1);
    if (saved?.after === undefined || saved.after === null) return [];
    // Whoever only switches a workflow on or off saves nothing else of it.
    const whole = theirs.findLast(({ operation }) => !operation.endsWith('/action'))?.after ?? saved.after;
    const now = parsed(azure.read(id));
    const lost = [
      ...differencesBetween(parsed(whole), now).filter(({ path }) => path !== STATE),
      ...differencesBetween(parsed(saved.after), now).filter(({ path }) => path === STATE),
    ];
    const records = writes.filter(({ change }) => change.resourceId === id).flatMap((write) => write.records);
    const edits = records.flatMap((record) => record.edits);
    // Saved behind a write's back, it is known by its version alone: what that does not hold, the record says, is lost.
    const isVersionAll = isTakenUp(parsed(whole), records);
    return lost
      .filter(({ path }) => isHeldByVersions(path) || !isVersionAll)
      .filter((difference) => isHeldByVersions(difference.path) || isLoss(difference))
      .filter((difference) => !edits.some((edit) => explains(edit, difference)))
      .map((difference) => ({
        invariant: 'foreign-kept' as const,
        at: Date.parse(saved.time),
        what: `what somebody saved last was lost: ${describe(difference)}`,
        about: id,
      }));
  });
}

/** What was there is not there any more. */
export function isLoss(difference: Difference): boolean {
  return difference.kind === 'removed' || (difference.kind === 'value' && difference.after === null);
}

function keyOf(difference: Difference): string {
  return difference.kind === 'value'
    ? `${difference.path} = ${JSON.stringify(difference.after)}`
    : `${difference.path} ${difference.kind} ${memberKey(difference.member)}`;
}

function forbidden(
  world: Evidence,
  { records, change, after, takenUp }: OwnWrite,
  difference: Difference,
): string | null {
  if (isOfVersion(takenUp, difference)) return null;
  const edits = records.flatMap((record) => record.edits);
  if (!edits.some((edit) => explains(edit, difference))) return 'lost without an edit';
  if (difference.kind !== 'removed') return null;
  if (difference.path.endsWith('/ipRules')) {
    return isOwnRule(world, change, memberKey(difference.member)) ? null : 'a foreign rule was taken out';
  }
  if (difference.path.endsWith('/virtualNetworkRules')) return 'a subnet was taken out';
  if (difference.path.endsWith('/accessPolicies')) {
    return isReplaced(difference.member, after) ? null : 'a whole access policy was taken out';
  }
  return null;
}

/** Whether it was Holdfast that put this rule in, the last time it came in. */
function isOwnRule(world: Evidence, change: JournalledChange, rule: string): boolean {
  const earlier = world.azure.journal
    .changes({ resourceId: change.resourceId })
    .filter(({ sequence }) => sequence < change.sequence);
  const has = (text: string | null): boolean => rulesIn(parsed(text)).includes(rule);
  const cameIn = earlier.findLast(({ before, after }) => !has(before) && has(after));
  return cameIn?.principal?.objectId === HOLDFAST.objectId;
}

function rulesIn(vault: Json): readonly string[] {
  const rules = valueAt(vault, '/properties/networkAcls/ipRules');
  return Array.isArray(rules) ? (rules as readonly Json[]).map(memberKey) : [];
}

/** Whether the same principal still has a policy. */
function isReplaced(policy: Json, after: Json): boolean {
  const own = (one: Json): string => JSON.stringify(valueAt(one, '/objectId')).toLowerCase();
  const policies = valueAt(after, '/properties/accessPolicies');
  return Array.isArray(policies) && (policies as readonly Json[]).some((one) => own(one) === own(policy));
}
