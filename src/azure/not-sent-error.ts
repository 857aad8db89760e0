/** A request that was not sent, because Azure asked to wait or has taken as many as it takes, for longer than its caller can wait. */
export class NotSentError extends Error {
  override readonly name = 'NotSentError';

  constructor(readonly retryAfterMs: number) {
    super(`Not sent: Azure takes it in ${Math.ceil(retryAfterMs / 1000)} s.`);
  }
}
