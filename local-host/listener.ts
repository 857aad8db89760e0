/** What starts a function by itself: a timer, or the polling of a queue. */
export interface Listener {
  start(): Promise<void>;
  /** Starts nothing new from now on; resolves when what runs has ended. */
  stop(): Promise<void>;
  /** Gives back what still runs, so that another host can take it. */
  release(): Promise<void>;
}
