import { openEventLab } from './event-lab.js';
import type { Figure } from './figure.js';

const TIMES = 5;

/** The same event, delivered five times at once: at least once is all that Event Grid promises. */
export const duplicateEvents: Figure = {
  keys: ['duplicateEventWrites'],
  async measure({ progress }) {
    const lab = await openEventLab(5);
    try {
      await lab.restartApp(lab.storage);
      const writes: number[] = [];
      for (const vault of lab.vaults) {
        progress(`duplicate events: vault ${writes.length + 1} of ${lab.vaults.length}`);
        const caught = lab.relay.catchNext(vault);
        const shut = await lab.firewallOf(vault);
        await lab.setFirewall(vault, { ...shut, defaultAction: 'Allow' });
        const event = await caught;
        const since = await lab.azure.mark();
        await Promise.all(Array.from({ length: TIMES }, () => lab.relay.deliver(event)));
        await lab.settle();
        writes.push((await lab.writesTo(vault, since)).length);
      }
      return {
        // The worst: a vault that was not written at all, else the one that was written most.
        values: { duplicateEventWrites: writes.includes(0) ? 0 : Math.max(...writes) },
        computedFrom: { deliveriesOfOneEvent: TIMES, writesByVault: writes },
        broken: [],
      };
    } finally {
      await lab.close();
    }
  },
};
