import { CONNECTORS } from './estate.js';
import { openEventLab, type EventLab } from './event-lab.js';
import type { Figure } from './figure.js';

const EVENTS = 100;
const WITHIN_MS = 950;

/**
 * A hundred writes of one vault within a second, each with its event: a pipeline adds one address after another,
 * somebody opens the vault in between, and neither keeps the addresses of the Logic App.
 */
export const burst: Figure = {
  keys: ['burstWrites'],
  async measure({ progress }) {
    const lab = await openEventLab(3);
    try {
      await lab.restartApp(lab.storage);
      const storms: Storm[] = [];
      for (const vault of lab.vaults) {
        progress(`burst: vault ${storms.length + 1} of ${lab.vaults.length}`);
        storms.push(await storm(lab, vault));
      }
      const writes = storms.map((one) => one.writes);
      return {
        values: { burstWrites: writes.includes(0) ? 0 : Math.max(...writes) },
        computedFrom: { events: EVENTS, writesByVault: writes, storms },
        broken: storms.flatMap(({ lost, isShut }) => [
          ...(lost.length > 0 ? [`${lost.length} rules were lost`] : []),
          ...(isShut ? [] : ['a vault was left open']),
        ]),
      };
    } finally {
      await lab.close();
    }
  },
};

interface Storm {
  readonly writes: number;
  readonly lastedMs: number;
  /** Addresses that somebody added, or a Logic App needs, and that are not there in the end. */
  readonly lost: readonly string[];
  readonly isShut: boolean;
}

async function storm(lab: EventLab, vault: string): Promise<Storm> {
  const since = await lab.azure.mark();
  const added: string[] = [];
  const acts = Array.from({ length: EVENTS }, (_, i) => {
    const isAdding = i % 2 === 0;
    if (isAdding) added.push(`203.0.113.${i}/32`);
    const networkAcls = {
      bypass: 'AzureServices',
      defaultAction: isAdding ? 'Deny' : 'Allow',
      ipRules: added.map((value) => ({ value })),
      virtualNetworkRules: [],
    };
    const as = isAdding ? 'deployment-pipeline' : 'bob@contoso.com';
    return { as, method: 'PATCH', path: vault, body: { properties: { networkAcls } } };
  });
  const done = await lab.azure.control('POST', '/acts', { acts, everyMs: WITHIN_MS / EVENTS });
  const { ms: lastedMs } = done as { readonly ms: number };
  await lab.settle();
  const { ipRules, defaultAction } = await lab.firewallOf(vault);
  const present = new Set(ipRules.map(({ value }) => value));
  return {
    writes: (await lab.writesTo(vault, since)).length,
    lastedMs,
    lost: [...added, ...CONNECTORS].filter((value) => !present.has(value)),
    isShut: defaultAction === 'Deny',
  };
}
