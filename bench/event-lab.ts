import { startAzurite } from '../local-host/azurite.js';
import type { JournalledRequest } from '../simulator/journal.js';
import { startApp, type AppProcess } from './app-process.js';
import { documentsOf, subscriptionNumber, vaultId } from './estate.js';
import { startEventRelay, type EventRelay } from './event-relay.js';
import { startSimulatedAzure, type SimulatedAzure } from './simulated-azure.js';

const SUBSCRIPTION = subscriptionNumber(1);

/** A few vaults, each read by one Logic App that is known from a sweep, and an app that is told of every write. */
export interface EventLab {
  readonly azure: SimulatedAzure;
  readonly relay: EventRelay;
  readonly storage: string;
  readonly vaults: readonly string[];
  /** Starts an app in place of the one before; the events go to it. */
  readonly restartApp: (storage: string) => Promise<void>;
  readonly stopApp: () => Promise<void>;
  /** Somebody sets a vault's firewall. */
  readonly setFirewall: (vault: string, networkAcls: object) => Promise<void>;
  /** A vault's firewall as it is. */
  readonly firewallOf: (vault: string) => Promise<Firewall>;
  /** The app's writes to a vault. */
  readonly writesTo: (vault: string, since: number) => Promise<readonly JournalledRequest[]>;
  /** Waits until every event was delivered and nothing is on the queue. */
  readonly settle: () => Promise<void>;
  readonly close: () => Promise<void>;
}

export interface Firewall {
  readonly bypass: string;
  readonly defaultAction: string;
  readonly ipRules: readonly { readonly value: string }[];
  readonly virtualNetworkRules: readonly unknown[];
}

export async function openEventLab(vaults: number): Promise<EventLab> {
  const subscriptions = [SUBSCRIPTION];
  const [azurite, azure, relay] = await Promise.all([
    startAzurite(),
    startSimulatedAzure({ subscriptions, latencyMs: 100, throttling: true }),
    startEventRelay(),
  ]);
  await azure.place(documentsOf({ subscriptions, vaults, workflows: vaults, connections: vaults }));
  await azure.control('POST', '/event-subscriptions', { endpoint: relay.url });
  let app: AppProcess | null = null;
  const running = (): AppProcess => {
    if (app === null) throw new Error('No app has been started.');
    return app;
  };
  const settle = async (): Promise<void> => {
    await azure.control('POST', '/events');
    await running().settle();
    // What came from the queue has raised events of its own.
    await azure.control('POST', '/events');
  };
  return {
    azure,
    relay,
    storage: azurite.connectionString,
    vaults: Array.from({ length: vaults }, (_, i) => vaultId(SUBSCRIPTION, i)),
    async restartApp(storage) {
      await app?.stop();
      app = await startApp({ azure, storage, subscriptions });
      relay.passTo(app.webhook);
      await app.sweep();
      await settle();
    },
    async stopApp() {
      await app?.stop();
    },
    async setFirewall(vault, networkAcls) {
      await azure.control('POST', '/act', {
        as: 'bob@contoso.com',
        method: 'PATCH',
        path: vault,
        body: { properties: { networkAcls } },
      });
    },
    async firewallOf(vault) {
      const { text } = (await azure.control('GET', `/resource?id=${encodeURIComponent(vault)}`)) as {
        text: string;
      };
      return (JSON.parse(text) as { properties: { networkAcls: Firewall } }).properties.networkAcls;
    },
    async writesTo(vault, since) {
      const own = azure.identity.objectId;
      const requests = await azure.requests(since, `&method=PATCH,PUT&under=${encodeURIComponent(vault)}`);
      return requests.filter(({ principal }) => principal?.objectId === own);
    },
    settle,
    async close() {
      await app?.stop();
      await Promise.all([azure.close(), azurite.close(), relay.close()]);
    },
  };
}
