import type { Process, VirtualTime } from '../virtual/virtual-time.js';

/** A call that leaves an instance: to ARM, to the identity endpoint, to the storage account. */
export interface Step {
  readonly instance: string;
  /** E.g. `PATCH /subscriptions/…/vaults/kv-1`, `HoldfastAudit upsert`. */
  readonly name: string;
}

/** When an instance is to be killed: at which of its steps, and whether that step still has its effect. */
export interface Kill {
  /** From 1. */
  readonly step: number;
  readonly when: 'before' | 'after';
}

/** What never comes: the rest of a process that was killed. */
const never = new Promise<never>(() => undefined);

/**
 * One running process of the app. Everything that leaves it goes through its gate; once it is killed nothing does any
 * more, nothing is answered, and its timers do not fire.
 */
export class Instance implements Process {
  #isDead = false;
  readonly steps: Step[] = [];
  kill: Kill | null = null;
  readonly #onDeath: (() => void)[] = [];

  constructor(
    readonly name: string,
    readonly skewMs: number,
    private readonly time: VirtualTime,
    private readonly onStep: (what: string) => void,
  ) {}

  get isDead(): boolean {
    return this.#isDead;
  }

  /** `kill -9`, now. */
  die(): void {
    if (this.#isDead) return;
    this.#isDead = true;
    for (const tell of this.#onDeath) tell();
  }

  /** Whoever was talking to it sees its connections cut. */
  onDeath(tell: () => void): void {
    if (this.#isDead) tell();
    else this.#onDeath.push(tell);
  }

  /** Sends a call out and waits for its answer. */
  async gate<T>(name: string, call: () => Promise<T>): Promise<T> {
    if (this.#isDead) return never;
    this.steps.push({ instance: this.name, name });
    this.onStep(`${this.name} ${name}`);
    const isLast = this.kill?.step === this.steps.length ? this.kill : null;
    if (isLast?.when === 'before') {
      this.die();
      return never;
    }
    try {
      return await this.time.outside(call);
    } finally {
      if (isLast !== null) this.die();
      // Its `finally` and `catch` blocks do not run either.
      // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- it may die while it waits
      if (this.#isDead) await never;
    }
  }
}
