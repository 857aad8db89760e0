import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startHostProcess } from '../../demo/host-process.js';
import { startAzurite } from '../../local-host/azurite.js';
import type { Azure } from '../../simulator/azure.js';
import { makeCertificate } from '../../simulator/certificate.js';
import { servicePrincipal, type Principal } from '../../simulator/principal.js';
import { startSimulator } from '../../simulator/simulator.js';
import { errorsOf, HOME, install, OTHER, prepare, type Json } from './installation.js';

/** The app as its template has installed it, running with what was deployed: settings, identity, roles, events. */
export interface DeployedApp {
  readonly azure: Azure;
  readonly siteId: string;
  readonly hostUrl: string;
  /** The identity as ARM sees it, for whoever is to try what it may do. */
  readonly identity: Principal;
  readonly lines: readonly string[];
  readonly close: () => Promise<void>;
}

/** The waits of a test are shorter than production's, and nothing sweeps before it is told to. */
const FOR_TESTS = {
  AzureFunctionsJobHost__extensions__queues__maxPollingInterval: '00:00:00.1',
  AzureFunctionsJobHost__extensions__queues__visibilityTimeout: '00:00:01',
  HOLDFAST_MAX_CHANGES: '100000',
};

/**
 * Installs the app and starts it. The app settings are those that were deployed but for the three storage URIs, which
 * name Azurite: it speaks HTTPS here and takes the identity's tokens, so that no key is used, as in Azure. Whether the
 * identity's roles let it into the storage the simulator has checked before it took the event subscription.
 */
export async function startDeployedApp(parameters: Readonly<Record<string, Json>>): Promise<DeployedApp> {
  const folder = await mkdtemp(join(tmpdir(), 'deployed-app-'));
  const path = (name: string): string => join(folder, name);
  const certificate = await makeCertificate();
  await writeFile(path('certificate.pem'), certificate.certificate);
  await writeFile(path('certificate.key'), certificate.privateKey);
  const [azurite, simulator] = await Promise.all([
    startAzurite({ tls: { certificatePath: path('certificate.pem'), keyPath: path('certificate.key') } }),
    startSimulator({ certificate, subscriptions: [HOME, OTHER], switches: { principalWithType: 'checked' } }),
  ]);
  const { azure } = simulator;
  const lines: string[] = [];
  const closeServers = async (): Promise<void> => {
    await Promise.all([simulator.close(), azurite.close()]);
    await rm(folder, { recursive: true });
  };
  try {
    prepare(azure);
    const settings = { ...FOR_TESTS, HOLDFAST_LOG_ENDPOINT: simulator.logsUrl };
    const deployment = await install(azure, {
      parameters: { sweepSchedule: '0 0 0 1 1 *', settings, ...parameters },
    });
    if (deployment.state !== 'Succeeded') throw new Error(errorsOf(deployment).join('\n'));
    const output = (name: string): string => (deployment.outputs[name] as { readonly value: string }).value;
    const siteId = output('functionAppId');
    azure.permissions.govern(output('principalId'));
    const host = await startHostProcess({
      environment: {
        ...azure.functionApps.settings(siteId),
        ...azure.functionApps.environment(siteId),
        AzureWebJobsStorage__blobServiceUri: azurite.endpoints.blob,
        AzureWebJobsStorage__queueServiceUri: azurite.endpoints.queue,
        AzureWebJobsStorage__tableServiceUri: azurite.endpoints.table,
        NODE_EXTRA_CA_CERTS: path('certificate.pem'),
      },
      onLog: (line) => lines.push(line),
    });
    azure.functionApps.serve(siteId, host.url);
    return {
      azure,
      siteId,
      hostUrl: host.url,
      identity: { ...servicePrincipal('holdfast'), objectId: output('principalId') },
      lines,
      close: async () => {
        await host.stop();
        await closeServers();
      },
    };
  } catch (error) {
    await closeServers();
    throw error;
  }
}
