import { storedRecords } from '../evidence/stored-records.js';
import type { Violation } from '../invariants/invariant.js';
import type { Evidence } from '../evidence/evidence.js';

interface Line {
  readonly at: number;
  readonly text: string;
}

const MOST_LINES = 30;

/** What led to a violation, as short as it can be told: what happened to the one resource, and what went wrong. */
export function storyOf(world: Evidence, { about, at }: Violation): readonly string[] {
  const name = about.split('/').at(-1)?.toLowerCase() ?? '';
  const isAbout = (text: string): boolean => name === '' || text.toLowerCase().includes(name);
  const lines: Line[] = [
    ...world.story.map((moment) => ({ at: moment.at, text: moment.what })),
    ...world.wire
      .filter(({ path, instance }) => isAbout(path) || instance === about)
      .flatMap(({ instance, method, path, sentAt, answer, clientRequestId }): readonly Line[] => {
        const what = `${method} ${path.split('/').slice(-2).join('/')}`;
        const id = method === 'GET' ? '' : ` (${clientRequestId?.slice(0, 8) ?? ''})`;
        const said =
          answer === null ? 'nothing yet' : answer.kind === 'none' ? answer.why : String(answer.status);
        const heard = { at: answer?.at ?? sentAt, text: `${instance}: ${what}${id} answered: ${said}` };
        return [{ at: sentAt, text: `${instance}: ${what}${id}` }, heard];
      }),
    ...world.azure.journal
      .changes()
      .filter(({ resourceId }) => isAbout(resourceId))
      .map(({ time, operation, principal, resourceId }) => ({
        at: Date.parse(time),
        text: `Azure: ${principal?.name ?? 'Azure'} ${operation} ${resourceId.split('/').at(-1) ?? ''}`,
      })),
    ...storedRecords(world.storage)
      .filter(({ resourceId }) => isAbout(resourceId))
      .map(({ time, remediator, outcome, writeId, warnings, error }) => ({
        at: Date.parse(time),
        text: `record: ${remediator} ${outcome} (${writeId.slice(0, 8)}) ${warnings.includes('unconfirmed') ? 'unconfirmed ' : ''}${error ?? ''}`,
      })),
  ];
  const ordered = lines.sort((a, b) => a.at - b.at);
  const end = ordered.findLastIndex((line) => line.at <= at + 5000);
  return ordered
    .slice(Math.max(0, end - MOST_LINES), end + 1)
    .map((line) => `${new Date(line.at).toISOString().slice(11, 23)} ${line.text}`);
}
