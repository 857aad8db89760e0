import { ArmFailure } from '../arm/arm-error.js';

/** What ARM says to a template, or a part of it, that it cannot deploy. */
export function invalidTemplate(detail: string): ArmFailure {
  return new ArmFailure(400, 'InvalidTemplate', `Deployment template validation failed: '${detail}'.`);
}
