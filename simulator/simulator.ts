import { rm } from 'node:fs/promises';
import type { Server } from 'node:net';
import { dirname } from 'node:path';
import { createArmServer } from './arm/arm-server.js';
import { Azure, type AzureOptions } from './azure.js';
import { makeCertificate, writeCertificate, type Certificate } from './certificate.js';
import { CONTROL_PREFIX } from './control/control.js';
import { IDENTITY_PATH } from './identity/identity-endpoint.js';
import { createLoopbackServer } from './control/loopback-server.js';

export interface SimulatorOptions extends AzureOptions {
  /** Of the ARM server; 0, the default, takes a free one. */
  readonly port?: number;
  /** Of Log Analytics' query API; 0, the default, takes a free one. */
  readonly logsPort?: number;
  /** Of the Event Grid topic; 0, the default, takes a free one. */
  readonly topicPort?: number;
  /** Of the Logs Ingestion API; 0, the default, takes a free one. */
  readonly ingestionPort?: number;
  /** Of the identity endpoint and the control API; 0, the default, takes a free one. */
  readonly controlPort?: number;
  /** Where the certificate is written; a file of its own in the temporary folder by default. */
  readonly certificatePath?: string;
  /** One that other servers of a test have too: two of one name cannot both be trusted. A new one by default. */
  readonly certificate?: Certificate;
  /** Called when the control API asks the simulator to end. */
  readonly onShutDown?: () => void;
}

/** What an app and its tests need to know to reach the simulator. */
export interface SimulatorFacts {
  /** ARM's URL. */
  readonly url: string;
  /** The base of Log Analytics' query API, with `/v1`: what its client takes as its endpoint. */
  readonly logsUrl: string;
  /** Where the Event Grid topic takes events, with `/api/events`. Nothing sends there that is not told to. */
  readonly topicUrl: string;
  /** The origin of the Logs Ingestion API. Nothing sends there that is not told to. */
  readonly ingestionUrl: string;
  readonly controlUrl: string;
  readonly certificatePath: string;
  readonly tenantId: string;
  readonly identity: {
    readonly endpoint: string;
    readonly header: string;
    readonly objectId: string;
    readonly clientId: string;
  };
  /** The environment that makes an app take this for Azure. */
  readonly environment: Readonly<Record<string, string>>;
}

/** A running simulator: an Azure, behind servers. */
export interface Simulator extends SimulatorFacts {
  readonly azure: Azure;
  /** PEM. */
  readonly certificate: string;
  readonly close: () => Promise<void>;
}

export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const made = options.certificate ?? (await makeCertificate());
  let url = '';
  let logsUrl = '';
  let identityUrl = '';
  const azure = new Azure(
    () => url,
    options,
    () => logsUrl,
    () => identityUrl,
  );
  const arm = createArmServer(made, (request) => azure.handle(request));
  const logs = createArmServer(made, (request) => azure.handleLogs(request));
  const topic = createArmServer(made, (request) => azure.handleTopic(request));
  const ingestion = createArmServer(made, (request) => azure.handleIngestion(request));
  const facts: { value: SimulatorFacts | null } = { value: null };
  const loopback = createLoopbackServer(
    azure,
    () => facts.value ?? {},
    () => options.onShutDown?.(),
  );
  const port = await listen(arm, options.port ?? 0);
  const logsPort = await listen(logs, options.logsPort ?? 0);
  const topicPort = await listen(topic, options.topicPort ?? 0);
  const ingestionPort = await listen(ingestion, options.ingestionPort ?? 0);
  const controlPort = await listen(loopback, options.controlPort ?? 0);
  // The name and not the number, because that is what a certificate is usually for.
  url = `https://localhost:${port}`;
  logsUrl = `https://localhost:${logsPort}/v1`;
  identityUrl = `http://127.0.0.1:${controlPort}${IDENTITY_PATH}`;
  const certificatePath = await writeCertificate(made.certificate, options.certificatePath);
  const urls = {
    url,
    logsUrl,
    topicUrl: `https://localhost:${topicPort}/api/events`,
    ingestionUrl: `https://localhost:${ingestionPort}`,
  };
  const known = factsOf(azure, urls, `http://127.0.0.1:${controlPort}`, certificatePath);
  facts.value = known;
  return {
    ...known,
    azure,
    certificate: made.certificate,
    close: async () => {
      azure.stop();
      await Promise.all([arm, logs, topic, ingestion, loopback].map(closed));
      if (options.certificatePath === undefined) await rm(dirname(certificatePath), { recursive: true });
    },
  };
}

function factsOf(
  azure: Azure,
  urls: Pick<SimulatorFacts, 'url' | 'logsUrl' | 'topicUrl' | 'ingestionUrl'>,
  loopbackUrl: string,
  certificatePath: string,
): SimulatorFacts {
  const { principal, header } = azure.identity.options;
  const endpoint = `${loopbackUrl}${IDENTITY_PATH}`;
  return {
    ...urls,
    controlUrl: `${loopbackUrl}${CONTROL_PREFIX}`,
    certificatePath,
    tenantId: azure.tenantId,
    identity: { endpoint, header, objectId: principal.objectId, clientId: principal.appId },
    environment: {
      AZURE_RESOURCE_MANAGER_URL: urls.url,
      HOLDFAST_LOG_ENDPOINT: urls.logsUrl,
      IDENTITY_ENDPOINT: endpoint,
      IDENTITY_HEADER: header,
      NODE_EXTRA_CA_CERTS: certificatePath,
    },
  };
}

/** Loopback and nothing else; `localhost` may be either of its addresses. */
async function listen(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : port;
}

async function closed(server: Server & { closeAllConnections?: () => void }): Promise<void> {
  await new Promise((resolve) => {
    server.close(resolve);
    server.closeAllConnections?.();
  });
}
