import { z } from 'zod';

/** An origin; one of `paths` may follow, as its documentation has it, and is left out. */
export const httpsOrigin = (standard: string, paths: readonly string[] = ['/']) =>
  z
    .url(`must be a URL such as ${standard}.`)
    .default(standard)
    .transform((text, context) => {
      const url = new URL(text);
      if (
        url.protocol !== 'https:' ||
        !paths.includes(url.pathname) ||
        url.search !== '' ||
        url.username !== ''
      ) {
        context.addIssue('must be https://{host} and nothing more: tokens are never sent over plain HTTP.');
        return z.NEVER;
      }
      return url.origin;
    });

/** https, and neither a key nor a signature in it; without the slashes at its end. */
const keylessUrl = (example: string, isPath: (path: string) => boolean) =>
  z
    .url(`must be a URL such as ${example}.`)
    .transform((text, context) => {
      const { protocol, origin, pathname, search, hash, username, password } = new URL(text);
      const isPlain = search === '' && hash === '' && username === '' && password === '';
      const path = withoutLastSlashes(pathname);
      if (protocol === 'https:' && isPlain && isPath(path)) return `${origin}${path}`;
      context.addIssue(
        `must be a URL such as ${example} and nothing more: https, and without a key or signature.`,
      );
      return z.NEVER;
    })
    .optional();

function withoutLastSlashes(path: string): string {
  let end = path.length;
  while (path[end - 1] === '/') end -= 1;
  return path.slice(0, end);
}

/** https://learn.microsoft.com/azure/event-grid/post-to-custom-topic#endpoint */
export const eventGridTopic = keylessUrl(
  'https://{topic}.{region}-1.eventgrid.azure.net/api/events',
  (path) => path.toLowerCase() === '/api/events',
);

/** https://learn.microsoft.com/azure/azure-monitor/logs/logs-ingestion-api-overview#endpoint */
export const logIngestionEndpoint = keylessUrl(
  'https://{endpoint}.{region}-1.ingest.monitor.azure.com',
  (path) => path === '',
);

/**
 * https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules#microsoftstorage; a segment
 * before the container is the account, where the host is not its name.
 */
export const archive = keylessUrl('https://{account}.blob.core.windows.net/{container}', (path) =>
  /^(?:\/[a-z0-9]{3,24})?\/[a-z0-9](?:-?[a-z0-9]){2,62}$/.test(path),
);

export const serviceUri = z
  .url({ protocol: /^https$/, error: 'must be an https URL: tokens are never sent over plain HTTP.' })
  .optional();
