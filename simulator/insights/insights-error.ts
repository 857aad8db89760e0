import { ArmFailure } from '../arm/arm-error.js';

/** Azure Monitor answers its errors without `error` around them: https://github.com/Azure-Samples/container-apps-jobs/issues/10 */
export function insightsFailure(status: number, code: string, message: string): ArmFailure {
  return new ArmFailure(status, code, message, {}, 'bare');
}

export function insightsBadRequest(message: string): ArmFailure {
  return insightsFailure(400, 'BadRequest', message);
}
