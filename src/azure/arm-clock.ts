import type { HttpClient } from '@azure/core-rest-pipeline';

/** What ARM's clock says, as far as its answers tell: ours may be minutes away from it. */
export interface ArmClock {
  /** What sends requests, with the `Date` of each answer taken note of (RFC 9110, 6.6.1). */
  watch(http: HttpClient): HttpClient;
  /** It is this late there, or later; null where no answer has said so lately. */
  earliest(): Date | null;
}

/** After this, clocks may have been set. */
const LASTS_MS = 10 * 60_000;

/**
 * An answer was made before it came in, so that ARM's clock is at least as far ahead of ours as its `Date` is. The
 * quickest answer says most.
 */
export function createArmClock(now: () => number = Date.now): ArmClock {
  let best: { readonly aheadMs: number; readonly at: number } | null = null;

  function note(date: string | undefined): void {
    const at = now();
    const aheadMs = Date.parse(date ?? '') - at;
    if (Number.isNaN(aheadMs)) return;
    if (best === null || aheadMs >= best.aheadMs || at - best.at > LASTS_MS || at < best.at)
      best = { aheadMs, at };
  }

  return {
    watch: (http) => ({
      async sendRequest(request) {
        const response = await http.sendRequest(request);
        note(response.headers.get('date'));
        return response;
      },
    }),
    earliest() {
      const at = now();
      if (best === null || at - best.at > LASTS_MS || at < best.at) return null;
      return new Date(at + best.aheadMs);
    },
  };
}
