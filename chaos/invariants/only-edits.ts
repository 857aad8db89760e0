import { wasAddedByAzure } from '../evidence/added-by-azure.js';
import { explains } from '../evidence/explains.js';
import { describe, ownWrites } from '../evidence/own-writes.js';
import { isLoss } from './foreign-kept.js';
import { wasPutBack } from '../evidence/put-back.js';
import { isOfVersion } from '../evidence/taken-up.js';
import { HOLDFAST } from '../world/holdfast.js';
import type { Invariant, Violation } from './invariant.js';

/**
 * (2) Nothing outside an edit ever changes: each difference that a write makes is an edit of one of its records, or
 * was put back to how Holdfast had read it, or Azure added it to a resource that had to be made anew. Holdfast deletes
 * nothing, and starts no workflow.
 */
export const onlyEdits: Invariant = (world) => {
  const { journal } = world.azure;
  const violation = (time: string, about: string, what: string): Violation => ({
    invariant: 'only-edits',
    at: Date.parse(time),
    what,
    about,
  });
  const outside = ownWrites(world).flatMap((write) => {
    const { change, differences, records } = write;
    if (change.after === null) return [violation(change.time, change.resourceId, 'Holdfast deleted it')];
    const edits = records.flatMap((record) => record.edits);
    return differences
      .filter(
        (difference) =>
          !edits.some((edit) => explains(edit, difference)) &&
          !isOfVersion(write.takenUp, difference) &&
          !wasPutBack(write, difference) &&
          !wasAddedByAzure(write, difference) &&
          // What the read showed and the write lost is for `foreign-kept` to judge.
          !(write.read !== null && isLoss(difference)),
      )
      .map((difference) =>
        violation(change.time, change.resourceId, `no edit has it that ${describe(difference)}`),
      );
  });
  const requests = new Map(journal.requests().map((request) => [request.sequence, request]));
  const started = journal
    .runs()
    .filter(({ requestSequence }) => requests.get(requestSequence)?.principal?.objectId === HOLDFAST.objectId)
    .map(({ time, workflowId }) => violation(time, workflowId, 'a write of Holdfast started the workflow'));
  return [...outside, ...started];
};
