import type { PipelineRequest } from '@azure/core-rest-pipeline';
import type { Place } from './bucket-of.js';
import { NotSentError } from './not-sent-error.js';

/** Who goes first: writes, then what an event or a person waits for, then the sweep. */
export type Urgency = 'write' | 'read' | 'sweep';

/** Somebody in the line. */
export interface Asking {
  readonly place: Place;
  readonly urgency: Urgency;
  readonly since: number;
  /** To send something; to have a token kept, and send nothing now; or to send what a token was kept for. */
  readonly wants: 'to-send' | 'to-reserve' | 'to-send-reserved';
}

export interface WaitingLine {
  /** Waits for its turn, then does `onTurn` in the same moment and gives what that gave. */
  wait<T>(asking: Asking, signal: PipelineRequest['abortSignal'], onTurn: () => T): Promise<T>;
  /** Something has changed: lets everybody go whose turn it is now. */
  advance(): void;
}

/**
 * How long a request may wait: five seconds (and what a named wait is stretched by) where an event is to be answered
 * and a lease is held; nearly as long as a function may run where a sweep reads.
 */
const PATIENCE_MS: Readonly<Record<Urgency, number>> = { write: 5200, read: 5200, sweep: 9 * 60_000 };
const RANK: Readonly<Record<Urgency, number>> = { write: 0, read: 1, sweep: 2 };
/** What is told to somebody who waited for others and not for a time. */
const UNKNOWN_MS = 1000;
/** A timer cannot count further than this (25 days). */
const LONGEST_TIMER_MS = 0x7fff_ffff;

/** How long somebody has to wait. */
export type Delay =
  | { readonly kind: 'none' }
  /** Whether only his own resource is to be left alone, so that those behind him need not wait. */
  | { readonly kind: 'time'; readonly ms: number; readonly isOwn: boolean }
  /** Until others are done. */
  | { readonly kind: 'others' };

interface Waiting extends Asking {
  /** Those who want the same and are as urgent: where one has to wait, so have those behind. */
  readonly group: string;
  readonly admit: () => void;
  readonly refuse: (error: Error) => void;
}

/** `delayOf` is told how many wait before somebody for the same bucket. Whoever could not wait for that long is refused. */
export function createWaitingLine(
  delayOf: (asking: Asking, ahead: number) => Delay,
  now: () => number,
): WaitingLine {
  /** In the order of their turns. */
  const line: Waiting[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;

  function advance(): void {
    clearTimeout(timer);
    const held = new Set<string>();
    let next = Infinity;
    for (const waiting of [...line]) {
      if (held.has(waiting.group)) continue;
      const delay = delayOf(waiting, 0);
      const refusal = refusalOf(waiting, delay);
      if (delay.kind === 'none') {
        waiting.admit();
      } else if (refusal !== null) {
        waiting.refuse(refusal);
      } else {
        if (delay.kind === 'others' || !delay.isOwn) held.add(waiting.group);
        next = Math.min(next, delay.kind === 'time' ? delay.ms : Infinity, patienceOf(waiting));
      }
    }
    if (next < Infinity)
      timer = setTimeout(advance, Math.min(LONGEST_TIMER_MS, Math.max(1, Math.ceil(next))));
  }

  function patienceOf({ since, urgency }: Asking): number {
    return since + PATIENCE_MS[urgency] - now();
  }

  function refusalOf(asking: Asking, delay: Delay): NotSentError | null {
    const patience = patienceOf(asking);
    const ms = delay.kind === 'time' ? delay.ms : 0;
    return patience <= 0 || ms > patience ? new NotSentError(Math.max(ms, UNKNOWN_MS)) : null;
  }

  function countAhead({ place, urgency }: Asking): number {
    return line.filter((other) => other.place.bucket === place.bucket && RANK[other.urgency] <= RANK[urgency])
      .length;
  }

  return {
    advance,
    wait: (asking, signal, onTurn) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted === true) {
          reject(abortError());
          return;
        }
        const refusal = refusalOf(asking, delayOf(asking, countAhead(asking)));
        if (refusal !== null) {
          reject(refusal);
          return;
        }
        const leave = (): void => {
          line.splice(line.indexOf(waiting), 1);
          signal?.removeEventListener('abort', abort);
        };
        const abort = (): void => {
          leave();
          reject(abortError());
          // Those behind may have waited for nothing else.
          advance();
        };
        const waiting: Waiting = {
          ...asking,
          group: `${asking.place.bucket} ${asking.wants === 'to-send-reserved' ? 'reserved' : asking.urgency}`,
          admit: () => {
            leave();
            resolve(onTurn());
          },
          refuse: (error) => {
            leave();
            reject(error);
          },
        };
        signal?.addEventListener('abort', abort);
        const behind = line.findIndex(({ urgency }) => RANK[urgency] > RANK[asking.urgency]);
        line.splice(behind === -1 ? line.length : behind, 0, waiting);
        advance();
      }),
  };
}

function abortError(): Error {
  return Object.assign(new Error('The request was aborted before it was sent.'), { name: 'AbortError' });
}
