import type { Findings } from './arm/answer-arm.js';
import type { ArmRequest } from './arm/arm-message.js';
import type { Principal } from './principal.js';
import type { World } from './world.js';

/** Whoever the request's token is of, which must be for one of these audiences. Throws ArmFailure for any other. */
export function bearerOf(
  world: World,
  request: ArmRequest,
  audiences: readonly string[],
  findings: Findings,
): Principal {
  const { authorization } = request.headers;
  const { principal, tokenId } = world.tokens.read(authorization, world.clock.now(), audiences);
  findings.tokenId = tokenId;
  return { ...principal, ip: request.clientIp };
}
