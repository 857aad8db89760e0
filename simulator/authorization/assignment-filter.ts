import { ArmFailure } from '../arm/arm-error.js';
import type { Groups } from './groups.js';
import type { RoleAssignment } from './role-assignments.js';
import { isAtOrAbove } from './scope.js';

type Filter = (assignment: RoleAssignment) => boolean;

/**
 * The filters of https://learn.microsoft.com/azure/role-based-access-control/role-assignments-list-rest, alone or
 * joined by `and`. Azure refuses any other; the code and wording of that are not known.
 */
export function assignmentFilter(text: string | null, scope: string, groups: Groups): Filter {
  const terms =
    text === null ? [] : text.split(/\s+and\s+/i).map((term) => termOf(term.trim(), scope, groups));
  return (assignment) => terms.every((term) => term(assignment));
}

function termOf(term: string, scope: string, groups: Groups): Filter {
  if (/^atScope\(\)$/i.test(term)) return (assignment) => isAtOrAbove(assignment.scope, scope);
  const principal = /^principalId eq '([^']*)'$/i.exec(term)?.[1]?.toLowerCase();
  if (principal !== undefined) return ({ principalId }) => principalId.toLowerCase() === principal;
  const assigned = /^assignedTo\('([^']*)'\)$/i.exec(term)?.[1];
  if (assigned !== undefined) {
    const ids = groups.idsOf(assigned);
    return ({ principalId }) => ids.has(principalId.toLowerCase());
  }
  throw new ArmFailure(400, 'InvalidFilter', `The filter '${term}' is not supported.`);
}
