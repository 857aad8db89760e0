import { ArmFailure } from '../arm/arm-error.js';
import { pageSize, pageText, skipToken, type PageCall } from '../arm/paging.js';
import type { ChildAnswer, ChildOperation, ExistingCall } from '../arm/provider.js';
import { timestamp } from '../arm/system-data.js';
import { guidOf } from '../random.js';
import { runFilter } from './run-filter.js';
import { versionOf } from './workflow-children.js';
import type { WorkflowRun } from './workflow-runs.js';

/** `{workflow}/runs[/{name}[/…]]`, to be read only. */
export function runRead(rest: readonly string[]): ChildOperation {
  const [name, below] = rest;
  const base = 'Microsoft.Logic/workflows/runs';
  if (below !== undefined) {
    // What went through a run may hold anything, secrets too. There is none of it here; that somebody asked for it
    // stands in the journal.
    return { action: `${base}/${below}/read`, event: null, about: 'resource', run: contentOf };
  }
  return {
    action: `${base}/read`,
    event: null,
    about: 'resource',
    run: (call) => (name === undefined ? listRuns(call) : getRun(call, name)),
  };
}

function listRuns(call: ExistingCall): ChildAnswer {
  const { world, existing, now, query } = call;
  const path = `${existing.id}/runs`;
  const page: PageCall = { world, line: { path, query, queryText: query.toString() } };
  const isWanted = runFilter(query.get('$filter'), now);
  const all = world.runs.of(existing.id, now).filter(isWanted);
  const after = skipToken(page);
  const start = after === 0 ? 0 : all.findIndex(({ sequence }) => sequence === after) + 1;
  const size = pageSize(page);
  const items = all.slice(start, start + size);
  const last = all.length > start + size ? items.at(-1)?.sequence : undefined;
  return {
    status: 200,
    body: pageText(
      page,
      items.map((run) => runText(call, run)),
      last,
    ),
  };
}

function getRun(call: ExistingCall, name: string): ChildAnswer {
  const { world, existing, now } = call;
  const run = world.runs.of(existing.id, now).find((candidate) => candidate.name === name);
  if (run !== undefined) return { status: 200, body: runText(call, run) };
  throw new ArmFailure(
    404,
    'WorkflowRunNotFound',
    `The workflow run '${name}' of workflow '${existing.name}' could not be found.`,
  );
}

function contentOf(): ChildAnswer {
  throw new ArmFailure(404, 'NotFound', 'The simulator keeps nothing of what went through a run.');
}

/** As the specification's examples show it. The trigger's links lead to content, so nobody is to follow them. */
function runText({ world, existing, now }: ExistingCall, run: WorkflowRun): string {
  const { name, trigger, startedAt, endedAt, status } = run;
  const isOver = now >= endedAt;
  const version = versionOf(existing.state);
  const correlation = { clientTrackingId: name };
  const content = `${world.url()}/workflows/${guidOf(existing.id).replaceAll('-', '')}/runs/${name}/contents`;
  const link = (kind: string): object => ({
    uri: `${content}/${kind}?api-version=2016-10-01&sp=read&sv=1.0`,
  });
  return JSON.stringify({
    properties: {
      ...(isOver ? { waitEndTime: timestamp(endedAt) } : {}),
      startTime: timestamp(startedAt),
      ...(isOver ? { endTime: timestamp(endedAt) } : {}),
      status: isOver ? status : 'Running',
      correlation,
      workflow: {
        id: `${existing.id}/versions/${version}`,
        name: version,
        type: 'Microsoft.Logic/workflows/versions',
      },
      trigger: {
        name: trigger,
        inputsLink: link('TriggerInputs'),
        outputsLink: link('TriggerOutputs'),
        startTime: timestamp(startedAt),
        endTime: timestamp(startedAt),
        correlation,
        status: 'Succeeded',
      },
      outputs: {},
    },
    id: `${existing.id}/runs/${name}`,
    name,
    type: 'Microsoft.Logic/workflows/runs',
  });
}
