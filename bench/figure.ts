import type { FigureKey, Measurement } from './goals.js';

export interface Bench {
  /** Smaller estates, for trying it out: what they give is no claim. */
  readonly isQuick: boolean;
  /** One line about what is being done. */
  readonly progress: (line: string) => void;
}

/** One measurement, which may give several figures. */
export interface Figure {
  readonly keys: readonly FigureKey[];
  readonly measure: (bench: Bench) => Promise<Measurement>;
}
