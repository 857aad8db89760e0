import { badRequest } from '../arm/arm-error.js';
import type { ActivityEvent } from './activity-log.js';
import type { Switches } from '../switches.js';

export interface ActivityFilter {
  readonly wants: (event: ActivityEvent) => boolean;
  /** The resource group that is asked for, if one is. */
  readonly group: string | null;
}

type Wants = ActivityFilter['wants'];

/** How far back the log goes: https://learn.microsoft.com/azure/azure-monitor/platform/activity-log#retention-period */
const RETENTION_MS = 90 * 86_400_000;

/**
 * `eventTimestamp ge '…' [and eventTimestamp le '…'] [and resourceUri eq '…']`, and no other syntax:
 * https://learn.microsoft.com/rest/api/monitor/activity-logs/list. Azure CLI sends `caller eq` and times without quotes
 * (https://github.com/Azure/azure-cli, `monitor activity-log list`). The wording of the refusals is ours.
 */
export function activityFilter(
  text: string | null,
  now: number,
  switches: Readonly<Switches>,
): ActivityFilter {
  if (text === null) throw badRequest("The query option '$filter' is required.");
  const terms = text.split(/ and /).map((term) => readTerm(term.trim(), switches));
  const from = terms.find((term) => term.name === 'eventTimestamp' && term.operator === 'ge');
  if (from === undefined) throw badRequest("The filter must have a start: eventTimestamp ge '…'.");
  if (Date.parse(from.value) < now - RETENTION_MS)
    throw badRequest('The start time is more than 90 days ago.');
  const others = terms.filter((term) => !['eventTimestamp', 'caller'].includes(term.name));
  const names = terms.map(({ name, operator }) => `${name} ${operator}`);
  if (others.length > 1 || new Set(names).size < names.length) {
    throw badRequest(`The filter '${text}' is not supported.`);
  }
  const group = others.find(({ name }) => name === 'resourceGroupName')?.value ?? null;
  return { wants: (event) => terms.every(({ wants }) => wants(event)), group };
}

interface Term {
  readonly name: string;
  readonly operator: string;
  readonly value: string;
  readonly wants: Wants;
}

function readTerm(term: string, switches: Readonly<Switches>): Term {
  const time = /^eventTimestamp (ge|le) (?:'([^']+)'|([^\s']+))$/.exec(term);
  if (time !== null) {
    const [, operator = '', quoted, bare = ''] = time;
    const value = quoted ?? bare;
    const at = Date.parse(value);
    if (Number.isNaN(at)) throw badRequest(`The time '${value}' in the filter is invalid.`);
    return {
      name: 'eventTimestamp',
      operator,
      value,
      wants: (e) => (operator === 'ge' ? e.at >= at : e.at <= at),
    };
  }
  const [, name = '', value = ''] = /^(\w+) eq '([^']+)'$/.exec(term) ?? [];
  const wants = equalTo(name, value.toLowerCase(), switches);
  if (wants === null) throw badRequest(`The filter '${term}' is not supported.`);
  return { name, operator: 'eq', value, wants };
}

function equalTo(name: string, value: string, switches: Readonly<Switches>): Wants | null {
  switch (name) {
    case 'resourceGroupName':
      return ({ request }) => request.path.split('/')[4]?.toLowerCase() === value;
    case 'resourceUri':
      return ({ request }) => request.path.toLowerCase() === value;
    case 'resourceProvider':
      return ({ operation }) => operation.split('/')[0]?.toLowerCase() === value;
    case 'correlationId':
      return ({ request }) => request.correlationId.toLowerCase() === value;
    case 'caller':
      if (switches.activityLogCallerFilter === 'rejected') return null;
      return ({ principal }) =>
        (principal.kind === 'user' ? principal.name : principal.objectId).toLowerCase() === value;
    default:
      return null;
  }
}
