import type { HttpClient } from '@azure/core-rest-pipeline';
import type { TokenCredential } from '@azure/identity';
import { createActivityLog } from '../azure/activity-log.js';
import { createArmClock } from '../azure/arm-clock.js';
import { createArmPipelines } from '../azure/arm-pipeline.js';
import { createArmReader } from '../azure/arm-reader.js';
import { createArmUrl } from '../azure/arm-urls.js';
import { createArmWriter } from '../azure/arm-writer.js';
import { createCallerLog } from '../azure/caller-log.js';
import { createOwnIdentity, createOwnTenant } from '../azure/own-identity.js';
import { createPacer } from '../azure/pacer.js';
import { createScopeProbe } from '../azure/scope-probe.js';
import type { EngineDeps } from '../engine/engine-deps.js';
import type { Settings } from '../settings/settings.js';

/** What the engine needs of Azure. */
export type AzurePorts = Pick<
  EngineDeps,
  | 'reader'
  | 'sweepReader'
  | 'writer'
  | 'armUrl'
  | 'callers'
  | 'ownIdentity'
  | 'probeScope'
  | 'activityLog'
  | 'armTime'
>;

/** Builds what talks to Azure, as whoever the credential is of, who is called `signedInAs`; connects to nothing. */
export function azurePorts(
  { armEndpoint, logEndpoint, logWorkspace }: Pick<Settings, 'armEndpoint' | 'logEndpoint' | 'logWorkspace'>,
  credential: TokenCredential,
  http: HttpClient,
  signedInAs?: string,
): AzurePorts {
  const pacer = createPacer();
  const clock = createArmClock();
  const pipelines = createArmPipelines(armEndpoint, credential, clock.watch(http), pacer, signedInAs);
  return {
    reader: createArmReader(pipelines.urgent, armEndpoint),
    sweepReader: createArmReader(pipelines.sweep, armEndpoint),
    writer: createArmWriter(pipelines.urgent, armEndpoint, createOwnTenant(credential, armEndpoint), pacer),
    armUrl: createArmUrl(armEndpoint),
    callers: createCallerLog(credential, logEndpoint, logWorkspace),
    ownIdentity: createOwnIdentity(credential, armEndpoint),
    probeScope: createScopeProbe(pipelines.sweep, armEndpoint),
    activityLog: createActivityLog(pipelines.sweep.logic, armEndpoint),
    armTime: () => clock.earliest(),
  };
}
