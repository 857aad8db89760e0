import { retryAfterMs } from '../retry-after.js';
import { DeliveryError } from './target.js';

/** A service that records go to, for messages. */
export interface Service {
  readonly name: string;
  /** What whoever runs Holdfast can do, by the status of the answer. */
  readonly advice: Readonly<Record<number, string>>;
  /** The statuses that say that the content is at fault, where others than `REFUSED` do. */
  readonly refusals?: readonly number[];
}

/** An outbox has others to serve: a target that answers later than this is asked again another time. */
export const DEADLINE_MS = 30_000;

/** Content that a service does not take, however often it is sent. */
const REFUSED = [400, 413, 415];

/**
 * Makes one call of a service, and makes it once more where no answer came: what was kept open while the app was frozen
 * is closed by the time it is used again. Throws `DeliveryError`, `rejected` where the answer says that the content is at
 * fault. What a service or an SDK says of a failure may quote what was sent, or hold the request with its token, so the
 * message is ours, with the service's code and request id, and has no cause.
 */
export async function attempt<T>(
  service: Service,
  signal: AbortSignal,
  call: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const deadline = AbortSignal.timeout(DEADLINE_MS);
  const either = AbortSignal.any([signal, deadline]);
  try {
    either.throwIfAborted();
    return await call(either).catch((error: unknown) => {
      if (either.aborted || !isWithoutAnswer(error)) throw error;
      return call(either);
    });
  } catch (error) {
    if (error instanceof DeliveryError) throw error;
    if (signal.aborted) {
      throw new DeliveryError(`${service.name} was not waited for any longer.`, 'transient');
    }
    if (deadline.aborted) {
      throw new DeliveryError(`${service.name} did not answer within ${DEADLINE_MS / 1000} s.`, 'transient');
    }
    throw failureOf(service, error);
  }
}

function isWithoutAnswer(error: unknown): boolean {
  return error instanceof Error && error.name === 'RestError' && (error as Failure).statusCode === undefined;
}

function failureOf(service: Service, error: unknown): DeliveryError {
  const failure = (error instanceof Error ? error : {}) as Failure;
  const code = failure.code === NO_JSON ? null : wordOf(failure.code);
  // One about a token may have a status, too: that of the identity's endpoint.
  if (isAboutToken(failure)) {
    return new DeliveryError(`No token for ${service.name} could be had from the identity.`, 'transient');
  }
  if (typeof failure.statusCode !== 'number') {
    const why = code === null ? '' : ` (${code})`;
    return new DeliveryError(`${service.name} could not be reached${why}.`, 'transient');
  }
  const { statusCode, response } = failure;
  const requestId = wordOf(response?.headers?.get('x-ms-request-id'));
  const advice = service.advice[statusCode];
  return new DeliveryError(
    [
      `${service.name} answered ${statusCode}${code === null ? '' : ` ${code}`}`,
      requestId === null ? '' : `, request ${requestId}`,
      advice === undefined ? '.' : `: ${advice}`,
    ].join(''),
    (service.refusals ?? REFUSED).includes(statusCode) ? 'rejected' : 'transient',
    retryAfterMs(response?.headers?.get('retry-after')),
  );
}

/** The SDKs' own code for an answer that they cannot read, such as a proxy's page: the service has none. */
const NO_JSON = 'PARSE_ERROR';

/** What the SDKs' errors have in common. */
interface Failure {
  readonly name?: string;
  readonly statusCode?: unknown;
  readonly code?: unknown;
  readonly response?: { readonly headers?: { get(name: string): string | undefined } };
}

/** Codes and ids are one word; anything else is somebody's text. */
function wordOf(value: unknown): string | null {
  return typeof value === 'string' && /^[\w-]{1,80}$/.test(value) ? value : null;
}

function isAboutToken({ name }: Failure): boolean {
  return (
    name === 'CredentialUnavailableError' ||
    name === 'AuthenticationError' ||
    name === 'AuthenticationRequiredError'
  );
}
