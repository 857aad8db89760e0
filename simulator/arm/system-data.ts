import { objectText, membersOf } from '../raw-json.js';
import type { Principal } from '../principal.js';
import type { Switches } from '../switches.js';

/** Who created a resource and who wrote it last, and when, as ARM keeps it. */
export function systemData(
  earlier: string | undefined,
  principal: Principal,
  now: number,
  switches: Readonly<Switches>,
): string {
  const by = JSON.stringify(authorOf(principal, switches));
  const byType = JSON.stringify(principal.kind === 'user' ? 'User' : 'Application');
  const time = JSON.stringify(timestamp(now));
  const created = new Map([
    ['createdBy', by],
    ['createdByType', byType],
    ['createdAt', time],
  ]);
  return objectText(
    new Map([
      ...(earlier === undefined ? created : membersOf(earlier)),
      ['lastModifiedBy', by],
      ['lastModifiedByType', byType],
      ['lastModifiedAt', time],
    ]),
  );
}

/** Seven digits of a second, as .NET writes times. */
export function timestamp(now: number): string {
  return new Date(now).toISOString().replace('Z', '0000Z');
}

function authorOf(principal: Principal, switches: Readonly<Switches>): string {
  if (principal.kind === 'user') return principal.name;
  return switches.applicationAuthor === 'appid' ? principal.appId : principal.objectId;
}
