import { COMPLIANT } from '../remediators/remediator.js';
import { vaultTemporaryRules } from '../remediators/vault-temporary-rules.js';
import type { TemporaryRule } from '../types/observation.js';
import type { Actor } from '../types/record.js';
import type { ResourceId } from '../types/resource-id.js';
import { rangesEqual } from '../vault/ip-range.js';
import { decideAccess, type AccessDecision, type AccessRequest } from '../vault/temporary-access.js';
import { isOver } from '../vault/temporary-rules.js';
import type { HandChange } from './by-hand.js';
import { doByHand, type DoneByHand } from './do-by-hand.js';
import type { LookNow } from './look/look-now.js';

/** `decision`: how it was let in; null where it was taken out, or is not to be told. */
export type Accessing =
  | Exclude<DoneByHand, { kind: 'done' }>
  | (Extract<DoneByHand, { kind: 'done' }> & { readonly decision: AccessDecision | null });

/**
 * Lets an address into a vault's firewall for a while, by whoever runs the engine and with their rights. That it goes again
 * is remembered before it is let in, so that whoever looks at the vault after its time takes it out.
 */
export async function allowAccess(
  lookNow: LookNow,
  operator: Actor,
  vault: ResourceId,
  request: AccessRequest,
  dryRun: boolean,
): Promise<Accessing> {
  let decision: AccessDecision | null = null;
  const change: HandChange = {
    remediator: 'vault-temporary-rules',
    decide(observed, document, memory, now) {
      if (observed.kind !== 'vault') return { plan: COMPLIANT, memory };
      const next = decideAccess(document, memory.temporaryRules, request, now);
      // Once it is in, it would only be extended.
      if (decision?.kind !== 'added' || next.kind !== 'extended') decision = next;
      if (next.kind === 'refused' || next.kind === 'present') return { plan: COMPLIANT, memory };
      const edits = next.kind === 'added' ? [next.edit] : [];
      return {
        plan: { ...COMPLIANT, edits },
        memory: { ...memory, temporaryRules: next.temporaryRules },
      };
    },
  };
  const done = await doByHand(lookNow, operator, vault, change, dryRun);
  return done.kind === 'done' ? { ...done, decision } : done;
}

/** Takes out, before their time is up or after it, what was let in for a while: one address, or all where it is null. */
export async function endAccess(
  lookNow: LookNow,
  operator: Actor,
  vault: ResourceId,
  value: string | null,
  dryRun: boolean,
): Promise<Accessing> {
  const isMeant = (rule: { readonly value: string }): boolean =>
    value === null || rangesEqual(rule.value, value);
  const change: HandChange = {
    remediator: 'vault-temporary-rules',
    decide(observed, document, memory, now) {
      if (observed.kind !== 'vault') return { plan: COMPLIANT, memory };
      const isEarly = (rule: TemporaryRule): boolean => isMeant(rule) && !isOver(rule, now);
      const temporaryRules = memory.temporaryRules.map((rule) =>
        isEarly(rule) ? { ...rule, until: now.toISOString() } : rule,
      );
      const plan = vaultTemporaryRules.plan({
        ...observed,
        vault: document,
        overdueRules: temporaryRules.filter((rule) => isMeant(rule) && isOver(rule, now)),
        addressUpkeep: { kind: 'absent', why: 'only what was let in for a while is taken out' },
      });
      const isNews = memory.temporaryRules.some(isEarly);
      return { plan, memory: isNews ? { ...memory, temporaryRules } : memory };
    },
  };
  const done = await doByHand(lookNow, operator, vault, change, dryRun);
  return done.kind === 'done' ? { ...done, decision: null } : done;
}
