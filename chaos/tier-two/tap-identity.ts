import type { Azure } from '../../simulator/azure.js';
import type { ArmRequest } from '../../simulator/arm/arm-message.js';

/** The query parameter by which a process says at the identity endpoint which one it is. */
const PARAMETER = 'process';

/** By the tokens that the processes were given: who sent a request. */
export interface Callers {
  /** What a process takes for the identity endpoint. */
  readonly endpointFor: (name: string) => string;
  /** The name of the process; null where it has none of the tokens. */
  readonly nameOf: (request: ArmRequest) => string | null;
}

/** All processes are one identity; each is told apart by the endpoint where it asks for its token. */
export function tapIdentity(azure: Azure, endpoint: string): Callers {
  const names = new Map<string, string>();
  const answer = azure.identity.answer.bind(azure.identity);
  azure.identity.answer = (request) => {
    const given = answer(request);
    const name = request.query.get(PARAMETER);
    if (given.status === 200 && name !== null) {
      const { access_token: token } = JSON.parse(given.body) as { access_token: string };
      names.set(`Bearer ${token}`, name);
    }
    return given;
  };
  return {
    endpointFor: (name) => `${endpoint}?${PARAMETER}=${encodeURIComponent(name)}`,
    nameOf: ({ headers }) => names.get(headers.authorization ?? '') ?? null,
  };
}
