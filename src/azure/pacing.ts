import type { HttpClient, PipelinePolicy, PipelineRequest } from '@azure/core-rest-pipeline';
import { bucketOf } from './bucket-of.js';
import { paceOf } from './pace-of.js';
import type { Pacer, Turn } from './pacer.js';
import type { Urgency } from './waiting-line.js';

export interface Pacing {
  /** Holds each attempt until its turn; it belongs between the retries and the token, which must not grow old here. */
  readonly policy: PipelinePolicy;
  /** Where a request goes out. While the token was being fetched, Azure may have asked to wait. */
  gate(http: HttpClient): HttpClient;
}

/** Azure has asked to wait after the turn was given. */
class OvertakenError extends Error {
  override readonly name = 'OvertakenError';
}

/** Sends a pipeline's requests when it is their turn. A write is a write, whoever's reads these are. */
export function createPacing(pacer: Pacer, urgencyOfReads: Exclude<Urgency, 'write'>): Pacing {
  const turns = new WeakMap<PipelineRequest, Turn>();
  return {
    policy: {
      name: 'holdfastPacingPolicy',
      async sendRequest(request, next) {
        const place = bucketOf(request.method, request.url);
        const urgency = place.kind === 'reads' ? urgencyOfReads : 'write';
        for (;;) {
          const turn = await pacer.turn(place, urgency, request.abortSignal);
          turns.set(request, turn);
          try {
            const response = await next(request);
            turn.end(paceOf(place, response));
            return response;
          } catch (error) {
            turn.end(null);
            if (!(error instanceof OvertakenError)) throw error;
          }
        }
      },
    },
    gate: (http) => ({
      sendRequest(request) {
        const turn = turns.get(request);
        if (turn?.isOver() === true) return Promise.reject(new OvertakenError('Azure asked to wait.'));
        turn?.begin();
        return http.sendRequest(request);
      },
    }),
  };
}
