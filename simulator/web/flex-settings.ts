import { badRequest } from '../arm/arm-error.js';
import type { World } from '../world.js';

/** The only one of which every source says that it is refused; of the others there are reports both ways. */
const RUNTIME = 'FUNCTIONS_WORKER_RUNTIME';

/**
 * App settings that Flex Consumption does not have: what they say stands in `functionAppConfig`, or nowhere.
 * https://learn.microsoft.com/azure/azure-functions/functions-app-settings#flex-consumption-plan-deprecations
 */
const DEPRECATED = [
  'ENABLE_ORYX_BUILD',
  'FUNCTIONS_EXTENSION_VERSION',
  'FUNCTIONS_WORKER_RUNTIME_VERSION',
  'FUNCTIONS_MAX_HTTP_CONCURRENCY',
  'FUNCTIONS_WORKER_PROCESS_COUNT',
  'FUNCTIONS_WORKER_DYNAMIC_CONCURRENCY_ENABLED',
  'SCM_DO_BUILD_DURING_DEPLOYMENT',
  'WEBSITE_CONTENTAZUREFILECONNECTIONSTRING',
  'WEBSITE_CONTENTOVERVNET',
  'WEBSITE_CONTENTSHARE',
  'WEBSITE_DNS_SERVER',
  'WEBSITE_MAX_DYNAMIC_APPLICATION_SCALE_OUT',
  'WEBSITE_NODE_DEFAULT_VERSION',
  'WEBSITE_RUN_FROM_PACKAGE',
  'WEBSITE_SKIP_CONTENTSHARE_VALIDATION',
  'WEBSITE_VNET_ROUTE_ALL',
];

/** Site properties that are refused as well: https://github.com/microsoft/azure-pipelines-tasks/issues/21032 */
export const REFUSED_SITE_CONFIG = [
  'alwaysOn',
  'ftpsState',
  'functionsRuntimeScaleMonitoringEnabled',
  'linuxFxVersion',
  'netFrameworkVersion',
  'use32BitWorkerProcess',
] as const;

/** Throws where a Flex Consumption app would not take one of the settings. The wording is Azure's, from public logs. */
export function demandFlexSettings(world: World, names: readonly string[]): void {
  const isDeprecatedRefused = world.switches.values.flexDeprecatedSettings === 'rejected';
  const refused = names.find((name) => {
    const upper = name.toUpperCase();
    return upper === RUNTIME || (isDeprecatedRefused && DEPRECATED.includes(upper));
  });
  if (refused === undefined) return;
  throw badRequest(
    `The following app setting (Site.SiteConfig.AppSettings.${refused}) for Flex Consumption sites is invalid.  Please remove or rename it before retrying.`,
  );
}

export function demandFlexSiteConfig(siteConfig: object): void {
  const refused = REFUSED_SITE_CONFIG.find((name) => name in siteConfig);
  if (refused === undefined) return;
  const name = refused.charAt(0).toUpperCase() + refused.slice(1);
  throw badRequest(
    `The following site configuration property (Site.SiteConfig.${name}) for Flex Consumption sites is invalid.  Please remove or rename it before retrying.`,
  );
}
