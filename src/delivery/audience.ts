/** What tokens are asked for, by the end of the host's name; the first is that of any other host. */
type Audiences = readonly [
  publicCloud: string,
  ...others: readonly (readonly [suffix: string, audience: string])[],
];

/**
 * The public one: https://learn.microsoft.com/azure/event-grid/authenticate-with-microsoft-entra-id. The others are not
 * documented; Microsoft's own extension of the Azure CLI for IoT Operations asks for these
 * (https://github.com/Azure/azure-iot-ops-cli-extension).
 */
export const EVENT_GRID_AUDIENCES: Audiences = [
  'https://eventgrid.azure.net',
  ['.eventgrid.azure.us', 'https://eventgrid.azure.us'],
  ['.eventgrid.azure.cn', 'https://eventgrid.azure.cn'],
];

/** https://learn.microsoft.com/azure/azure-monitor/logs/logs-ingestion-api-overview#request-headers */
export const LOG_INGESTION_AUDIENCES: Audiences = [
  'https://monitor.azure.com',
  ['.monitor.azure.us', 'https://monitor.azure.us'],
  ['.monitor.azure.cn', 'https://monitor.azure.cn'],
];

/** The audience of the cloud that an endpoint is in: each has tokens of its own. */
export function audienceOf([publicCloud, ...others]: Audiences, endpoint: string): string {
  const { hostname } = new URL(endpoint);
  return others.find(([suffix]) => hostname.endsWith(suffix))?.[1] ?? publicCloud;
}
