import type { EngineDeps } from '../../engine/engine-deps.js';
import type { Policy } from '../../engine/policy.js';
import type { Memory, ResourceMemory } from '../../engine/ports/memory.js';

/** What an engine has that only shows what it would do. */
export function planOnly(policy: Policy, stored: Memory): Pick<EngineDeps, 'policy' | 'writer' | 'memory'> {
  return { policy: auditedAtMost(policy), writer: WRITES_NOTHING, memory: forgettingRecords(stored) };
}

/** Nothing is enforced where only the plan is wanted; a mode that was set otherwise stays as it is. */
function auditedAtMost(policy: Policy): Policy {
  return { ...policy, modeOf: (id) => (policy.modeOf(id) === 'off' ? 'off' : 'audit') };
}

/** Nobody asks it for anything where nothing is enforced; if anybody did, nothing would be sent. */
const refuse = (): Promise<never> => Promise.reject(new TypeError('A plan writes nothing to Azure.'));
const WRITES_NOTHING: EngineDeps['writer'] = {
  reserve: () => Promise.resolve(),
  release: () => undefined,
  patchVault: refuse,
  putWorkflow: refuse,
  replaceAccessPolicies: refuse,
  putDiagnosticSetting: refuse,
  recoverVault: refuse,
  putConnection: refuse,
};

/** What has been recorded before is planned again, so that it is shown again. What is written stays in this process. */
function forgettingRecords(stored: Memory): Memory {
  const own = new Map<string, { readonly memory: ResourceMemory; readonly writtenAt: Date }>();
  const readDated: Memory['readDated'] = async (id) => {
    const known = own.get(id.key);
    if (known !== undefined) return known;
    const { memory, writtenAt } = await stored.readDated(id);
    return { memory: { ...memory, recorded: {} }, writtenAt };
  };
  return {
    readDated,
    read: async (id) => (await readDated(id)).memory,
    write(id, memory) {
      own.set(id.key, { memory, writtenAt: new Date() });
      return Promise.resolve();
    },
  };
}
