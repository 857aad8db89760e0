import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startHostProcess, type HostProcess } from '../../demo/host-process.js';
import { startAzurite } from '../../local-host/azurite.js';
import type { Azure } from '../../simulator/azure.js';
import type { Deployment } from '../../simulator/deployments/deployments.js';
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
  /** The storage account, for whoever is to look at what is in it. */
  readonly storage: DeployedStorage;
  /** Deploys the template again and starts the app with what it says now, as App Service does when settings change. */
  readonly deployAgain: (parameters: Parameters) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Of the template. */
export type Parameters = Readonly<Record<string, Json>> & {
  readonly settings?: Readonly<Record<string, string>>;
};

export interface DeployedStorage {
  readonly connectionString: string;
  /** PEM: what its server's certificate is signed with. */
  readonly certificate: string;
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
export async function startDeployedApp(parameters: Parameters): Promise<DeployedApp> {
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
    const deploy = async ({ settings = {}, ...given }: Parameters): Promise<Deployment> => {
      const own = { ...FOR_TESTS, HOLDFAST_LOG_ENDPOINT: simulator.logsUrl, ...settings };
      const deployment = await install(azure, {
        parameters: { sweepSchedule: '0 0 0 1 1 *', settings: own, ...given },
      });
      if (deployment.state !== 'Succeeded') throw new Error(errorsOf(deployment).join('\n'));
      return deployment;
    };
    const { outputs } = await deploy(parameters);
    const output = (name: string): string => (outputs[name] as { readonly value: string }).value;
    const siteId = output('functionAppId');
    azure.permissions.govern(output('principalId'));
    const start = async (port: number): Promise<HostProcess> => {
      const host = await startHostProcess({
        environment: {
          ...azure.functionApps.settings(siteId),
          ...azure.functionApps.environment(siteId),
          AzureWebJobsStorage__blobServiceUri: azurite.endpoints.blob,
          AzureWebJobsStorage__queueServiceUri: azurite.endpoints.queue,
          AzureWebJobsStorage__tableServiceUri: azurite.endpoints.table,
          NODE_EXTRA_CA_CERTS: path('certificate.pem'),
        },
        port,
        onLog: (line) => lines.push(line),
      });
      azure.functionApps.serve(siteId, host.url);
      return host;
    };
    let host = await start(0);
    return {
      azure,
      siteId,
      hostUrl: host.url,
      identity: { ...servicePrincipal('holdfast'), objectId: output('principalId') },
      lines,
      storage: { connectionString: azurite.connectionString, certificate: certificate.certificate },
      deployAgain: async (given) => {
        await deploy(given);
        await host.stop();
        host = await start(Number(new URL(host.url).port));
      },
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
