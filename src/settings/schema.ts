import { z } from 'zod';
import { isNcrontab } from '../ncrontab.js';
import { DEFAULT_SWEEP_SCHEDULE } from '../sweep-schedule.js';
import { logIngestionRule, principals, workspace } from './ids.js';
import { contestedAfter, duration, maxChanges } from './limits.js';
import { exemptions, remediatorModes } from './remediators.js';
import { scopes } from './scopes.js';
import { teamsWebhook } from './teams-webhook.js';
import { archive, eventGridTopic, httpsOrigin, logIngestionEndpoint, serviceUri } from './urls.js';

const sweepSchedule = z
  .string()
  .refine(isNcrontab, 'must be NCRONTAB with six fields, e.g. "0 0 * * * *".')
  .default(DEFAULT_SWEEP_SCHEDULE);

/** Every setting that Holdfast reads, by its name in the environment. */
export const schema = z
  .object({
    HOLDFAST_SCOPES: scopes,
    HOLDFAST_MODE: z.enum(['audit', 'enforce'], 'must be audit or enforce.').default('audit'),
    HOLDFAST_REMEDIATORS: remediatorModes,
    HOLDFAST_EXEMPT: exemptions,
    HOLDFAST_SWEEP_SCHEDULE: sweepSchedule,
    HOLDFAST_IP_RETIRE_AFTER: duration,
    HOLDFAST_MAX_CHANGES: maxChanges,
    HOLDFAST_CONTESTED_AFTER: contestedAfter,
    HOLDFAST_KEEP_PRINCIPALS: principals,
    HOLDFAST_LOG_WORKSPACE: workspace,
    HOLDFAST_LOG_ENDPOINT: httpsOrigin('https://api.loganalytics.io', ['/', '/v1', '/v1/']),
    AZURE_RESOURCE_MANAGER_URL: httpsOrigin('https://management.azure.com'),
    HOLDFAST_APP_SERVICE_AUTH: z.enum(['on', 'off'], 'must be on or off.').default('off'),
    WEBSITE_AUTH_ENABLED: z.string().optional(),
    WEBSITE_AUTH_V2_CONFIG_JSON: z.string().optional(),
    HOLDFAST_TEAMS_WEBHOOK: teamsWebhook,
    // App Service's own: https://learn.microsoft.com/azure/app-service/reference-app-settings. On a laptop it has a port.
    WEBSITE_HOSTNAME: z
      .string()
      .regex(/^[a-z0-9.-]{1,253}$/i)
      .optional()
      .catch(undefined),
    HOLDFAST_EVENT_GRID_TOPIC: eventGridTopic,
    HOLDFAST_LOG_INGESTION_ENDPOINT: logIngestionEndpoint,
    HOLDFAST_LOG_INGESTION_RULE: logIngestionRule,
    HOLDFAST_ARCHIVE: archive,
    AZURE_CLIENT_ID: z.guid('must be the client id (a GUID) of a user-assigned identity.').optional(),
    AzureWebJobsStorage: z.string().optional(),
    AzureWebJobsStorage__blobServiceUri: serviceUri,
    AzureWebJobsStorage__queueServiceUri: serviceUri,
    AzureWebJobsStorage__tableServiceUri: serviceUri,
  })
  .superRefine((values, context) => {
    const { HOLDFAST_LOG_INGESTION_ENDPOINT: endpoint, HOLDFAST_LOG_INGESTION_RULE: rule } = values;
    if ((endpoint === undefined) !== (rule === undefined)) {
      const [missing, given] = rule === undefined ? ['RULE', 'ENDPOINT'] : ['ENDPOINT', 'RULE'];
      context.addIssue({
        code: 'custom',
        path: [`HOLDFAST_LOG_INGESTION_${missing}`],
        message: `is required where HOLDFAST_LOG_INGESTION_${given} is set; set both or neither.`,
      });
    }
  });

export type Values = z.infer<typeof schema>;

const STORAGE_HINT =
  'is required: a connection string, or AzureWebJobsStorage__blobServiceUri, __queueServiceUri and __tableServiceUri.';

/** For the app: it cannot do without. */
export function demandStorage(values: Values, context: z.RefinementCtx): void {
  const uris = [
    values.AzureWebJobsStorage__blobServiceUri,
    values.AzureWebJobsStorage__queueServiceUri,
    values.AzureWebJobsStorage__tableServiceUri,
  ];
  if (values.AzureWebJobsStorage === undefined && uris.includes(undefined)) {
    context.addIssue({ code: 'custom', path: ['AzureWebJobsStorage'], message: STORAGE_HINT });
  }
}
