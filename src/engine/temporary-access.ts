import { randomUUID } from 'node:crypto';
import { COMPLIANT } from '../remediators/remediator.js';
import { vaultTemporaryRules } from '../remediators/vault-temporary-rules.js';
import type { TemporaryRule } from '../types/observation.js';
import type { ResourceId } from '../types/resource-id.js';
import { rangesEqual } from '../vault/ip-range.js';
import { decideAccess, type AccessDecision, type AccessRequest } from '../vault/temporary-access.js';
import { isOver } from '../vault/temporary-rules.js';
import type { HandChange } from './by-hand.js';
import type { EngineDeps } from './engine-deps.js';
import type { Look, LookResult } from './look/look.js';

export type Accessing =
  | { readonly kind: 'out-of-scope' | 'gone' }
  /** Nothing is queued: it is for now. */
  | { readonly kind: 'unavailable'; readonly why: string }
  | {
      readonly kind: 'done';
      readonly result: Extract<LookResult, { kind: 'done' }>;
      /** How it was let in; null where it was taken out, or is not to be told. */
      readonly decision: AccessDecision | null;
    };

type LookNow = (look: Look) => Promise<LookResult | 'out-of-scope'>;

/**
 * Lets an address into a vault's firewall for a while, by whoever runs the engine and with their rights. That it goes again
 * is remembered before it is let in, so that whoever looks at the vault after its time takes it out.
 */
export async function allowAccess(
  deps: Pick<EngineDeps, 'operator'>,
  lookNow: LookNow,
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
  const result = await lookNow(lookFor(deps, vault, change, dryRun));
  return answer(result, decision);
}

/** Takes out, before their time is up or after it, what was let in for a while: one address, or all where it is null. */
export async function endAccess(
  deps: Pick<EngineDeps, 'operator'>,
  lookNow: LookNow,
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
  const result = await lookNow(lookFor(deps, vault, change, dryRun));
  return answer(result, null);
}

function lookFor(
  { operator }: Pick<EngineDeps, 'operator'>,
  id: ResourceId,
  byHand: HandChange,
  dryRun: boolean,
): Look {
  return {
    id,
    trigger: operator === undefined ? 'http' : 'cli',
    correlationId: randomUUID(),
    actor: operator ?? null,
    remediators: [byHand.remediator],
    askedForByName: true,
    dryRun,
    causedAt: null,
    byHand,
  };
}

function answer(result: LookResult | 'out-of-scope', decision: AccessDecision | null): Accessing {
  if (result === 'out-of-scope') return { kind: 'out-of-scope' };
  switch (result.kind) {
    case 'gone':
      return { kind: 'gone' };
    case 'later':
      return { kind: 'unavailable', why: result.why };
    case 'done':
      return { kind: 'done', result, decision };
  }
}
