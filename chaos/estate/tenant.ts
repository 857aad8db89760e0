import type { Azure } from '../../simulator/azure.js';
import type { Random } from '../../simulator/random.js';

/** Where people do things: an Azure, and what they do them by. */
export interface Tenant {
  readonly azure: Azure;
  readonly random: Random;
  /** Values that must be seen nowhere but in Azure. */
  readonly canaries: string[];
  readonly time: { readonly now: () => number; readonly sleep: (ms: number) => Promise<void> };
  /** Notes it down for the story of the run. */
  tell(what: string): void;
}
