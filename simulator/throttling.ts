import { ArmFailure } from './arm/arm-error.js';
import type { Clock } from './clock.js';
import { type Principal } from './principal.js';

export type BucketKind = 'reads' | 'writes' | 'deletes';

export interface BucketSize {
  readonly capacity: number;
  readonly refillPerSecond: number;
}

export interface ThrottlingSettings extends Readonly<Record<BucketKind, BucketSize>> {
  readonly enabled: boolean;
  /** How much more all callers of a subscription have together than each of them. */
  readonly globalFactor: number;
}

/** https://learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling */
export const ARM_BUCKETS: ThrottlingSettings = {
  enabled: false,
  reads: { capacity: 250, refillPerSecond: 25 },
  writes: { capacity: 200, refillPerSecond: 10 },
  deletes: { capacity: 200, refillPerSecond: 10 },
  globalFactor: 15,
};

interface Bucket {
  tokens: number;
  filledAt: number;
}

/** ARM's token buckets: one per subscription, caller and kind of request, and one that all callers share. */
export class Throttling {
  #settings: ThrottlingSettings;
  #buckets = new Map<string, Bucket>();

  constructor(
    private readonly clock: Clock,
    settings: Partial<ThrottlingSettings> = {},
  ) {
    this.#settings = { ...ARM_BUCKETS, ...settings };
  }

  get settings(): ThrottlingSettings {
    return this.#settings;
  }

  /** The buckets start full again. */
  set(settings: Partial<ThrottlingSettings>): void {
    this.#settings = { ...this.#settings, ...settings };
    this.#buckets = new Map();
  }

  /** Takes a token and gives the headers that tell what is left; throws 429 when there is none. */
  take(kind: BucketKind, subscriptionId: string, principal: Principal): Readonly<Record<string, string>> {
    const size = this.#settings[kind];
    const global = { capacity: size.capacity * this.#settings.globalFactor, refillPerSecond: 0 };
    global.refillPerSecond = size.refillPerSecond * this.#settings.globalFactor;
    if (!this.#settings.enabled) return headersOf(kind, size.capacity - 1, global.capacity - 1);
    const own = this.bucket(`${subscriptionId}|${principal.objectId}|${kind}`, size);
    const shared = this.bucket(`${subscriptionId}|${kind}`, global);
    const wait = Math.max(secondsUntilOne(own, size), secondsUntilOne(shared, global));
    if (wait > 0) throw this.refusal(kind, subscriptionId, principal, Math.ceil(wait));
    own.tokens -= 1;
    shared.tokens -= 1;
    return headersOf(kind, own.tokens, shared.tokens);
  }

  private bucket(key: string, size: BucketSize): Bucket {
    const now = this.clock.now();
    const bucket = this.#buckets.get(key) ?? { tokens: size.capacity, filledAt: now };
    const gained = ((now - bucket.filledAt) / 1000) * size.refillPerSecond;
    bucket.tokens = Math.min(size.capacity, bucket.tokens + gained);
    bucket.filledAt = now;
    this.#buckets.set(key, bucket);
    return bucket;
  }

  /** Code and wording as ARM answered in 2025 and 2026; they are in the reports of several open-source projects. */
  private refusal(
    kind: BucketKind,
    subscriptionId: string,
    principal: Principal,
    seconds: number,
  ): ArmFailure {
    const verb = kind.slice(0, -1);
    return new ArmFailure(
      429,
      'SubscriptionRequestsThrottled',
      `Number of '${verb}' requests for subscription '${subscriptionId}' actor '${principal.objectId}' exceeded. Please try again after '${seconds}' seconds after additional tokens are available. Refer to https://aka.ms/arm-throttling for additional information.`,
      { 'retry-after': String(seconds), ...headersOf(kind, 0, 0) },
    );
  }
}

function secondsUntilOne(bucket: Bucket, size: BucketSize): number {
  // A hair of tolerance: after exactly the promised wait the token is there, whatever the float says.
  return bucket.tokens >= 1 - 1e-9 ? 0 : (1 - bucket.tokens) / size.refillPerSecond;
}

function headersOf(kind: BucketKind, own: number, global: number): Readonly<Record<string, string>> {
  return {
    [`x-ms-ratelimit-remaining-subscription-${kind}`]: String(Math.max(0, Math.floor(own))),
    [`x-ms-ratelimit-remaining-subscription-global-${kind}`]: String(Math.max(0, Math.floor(global))),
  };
}
