import type { HttpClient } from '@azure/core-rest-pipeline';

/** What ARM's clock says, as far as its answers tell: ours may be minutes away from it. */
export interface ArmClock {
  /** What sends requests, with the `Date` of each answer taken note of (RFC 9110, 6.6.1). */
  watch(http: HttpClient): HttpClient;
  /** It is this late there, or later; null where no answer has said so lately. */
  earliest(): Date | null;
}

/** After this, clocks may have drifted apart. */
const LASTS_MS = 10 * 60_000;

/**
 * An answer was made before it came in: since then at least as much time has passed at ARM as here, by a clock that
 * nobody sets. The quickest answer says most.
 */
export function createArmClock(elapsedMs: () => number = () => performance.now()): ArmClock {
  let best: { readonly startMs: number; readonly at: number } | null = null;

  function note(date: string | undefined): void {
    const at = elapsedMs();
    const startMs = Date.parse(date ?? '') - at;
    if (Number.isNaN(startMs)) return;
    if (best === null || startMs >= best.startMs || at - best.at > LASTS_MS) best = { startMs, at };
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
      const at = elapsedMs();
      return best === null || at - best.at > LASTS_MS ? null : new Date(best.startMs + at);
    },
  };
}
