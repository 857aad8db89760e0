import { z } from 'zod';

const AuthConfig = z.object({ platform: z.object({ enabled: z.literal(true) }) });

/**
 * What App Service puts into an app's environment: whether authentication is on, and its configuration
 * (https://learn.microsoft.com/azure/app-service/reference-app-settings#authentication--authorization). No page says which
 * of them a Flex Consumption app gets; without either, nobody is believed.
 */
export function saysAuthIsOn(enabled: string | undefined, config: string | undefined): boolean {
  if (enabled !== undefined) return enabled.toLowerCase() === 'true';
  try {
    return AuthConfig.safeParse(JSON.parse(config ?? 'null')).success;
  } catch {
    return false;
  }
}
