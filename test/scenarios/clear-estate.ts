import { afterEach, beforeEach } from 'vitest';
import type { Azure } from '../../simulator/azure.js';

/** As if nothing had ever been there, so that no test pays for those before it: Holdfast finds out by its next sweep. */
export function clearEstate(azure: Azure): void {
  for (const id of azure.resourceIds()) azure.displace(id);
}

/** Takes away after each test what was deployed in it; what the tests of a block have in common stays. */
export function leaveNothingBehind(azureOf: () => Azure): void {
  let common = new Set<string>();
  beforeEach(() => {
    common = new Set(azureOf().resourceIds());
  });
  afterEach(() => {
    for (const id of azureOf().resourceIds()) if (!common.has(id)) azureOf().displace(id);
  });
}
