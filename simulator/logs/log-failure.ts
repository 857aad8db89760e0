/** One error inside another, as the query API nests them. */
export interface LogError {
  readonly code: string;
  readonly message: string;
  readonly innererror?: LogError;
}

/** A query that Log Analytics turns down. */
export class LogFailure extends Error {
  override readonly name = 'LogFailure';

  constructor(
    readonly status: number,
    readonly error: LogError,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(error.message);
  }
}

/** https://learn.microsoft.com/azure/azure-monitor/logs/api/errors */
export function badArgument(innererror: LogError): LogFailure {
  const message = 'The request had some invalid properties';
  return new LogFailure(400, { message, code: 'BadArgumentError', innererror });
}
