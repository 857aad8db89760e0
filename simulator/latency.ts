import type { Random } from './random.js';

/** Time that every request over the wire takes on top of the work, in milliseconds; drawn evenly in between. */
export interface LatencySettings {
  readonly minMs: number;
  readonly maxMs: number;
}

export class Latency {
  #settings: LatencySettings;

  constructor(
    private readonly random: Random,
    settings: LatencySettings = { minMs: 0, maxMs: 0 },
  ) {
    this.#settings = settings;
  }

  get settings(): LatencySettings {
    return this.#settings;
  }

  set(settings: LatencySettings): void {
    this.#settings = settings;
  }

  draw(): number {
    const { minMs, maxMs } = this.#settings;
    return minMs === maxMs ? minMs : this.random.between(minMs, maxMs);
  }
}
