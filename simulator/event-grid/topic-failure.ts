/** What a custom topic turns down. */
export class TopicFailure extends Error {
  override readonly name = 'TopicFailure';

  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly detailCode = code,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
  }
}

/** https://learn.microsoft.com/azure/event-grid/post-to-custom-topic#response: the error, and once more in its details. */
export function topicErrorBody({ code, message, detailCode }: TopicFailure): string {
  return JSON.stringify({ error: { code, message, details: [{ code: detailCode, message }] } });
}
