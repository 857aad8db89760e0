import { z } from 'zod';
import { isNcrontab } from './ncrontab.js';
import { DEFAULT_SWEEP_SCHEDULE } from './sweep-schedule.js';
import type { DeliverySettings, LogIngestionSettings } from './types/delivery-settings.js';
import type { MaxChanges } from './types/max-changes.js';
import { OPTIONAL_REMEDIATOR_IDS, REMEDIATOR_IDS, type RemediatorId } from './types/remediator-id.js';
import { InvalidResourceIdError, parseResourceId } from './types/resource-id.js';
import type { Scope } from './types/scope.js';
import type { StorageSettings } from './types/storage-settings.js';
import type { TeamsWebhook } from './types/teams-webhook.js';

export type RemediatorMode = 'off' | 'audit' | 'approve' | 'enforce';

export interface Settings {
  readonly scopes: readonly Scope[];
  readonly modes: Readonly<Record<RemediatorId, RemediatorMode>>;
  /** Lasting exemptions: by resource key (its id in lower case), the remediators it is exempt from. */
  readonly exempt: ReadonlyMap<string, ReadonlySet<RemediatorId>>;
  /** NCRONTAB, six fields. */
  readonly sweepSchedule: string;
  readonly ipRetireAfterMs: number;
  readonly maxChanges: MaxChanges;
  readonly contestedAfter: number;
  /** Object ids, in lower case, whose permissions are left alone. */
  readonly keepPrincipals: ReadonlySet<string>;
  /** The resource id of the Log Analytics workspace for audit events; null where none is set. */
  readonly logWorkspace: string | null;
  /** The origin of the Log Analytics query API, without a trailing slash. */
  readonly logEndpoint: string;
  /** The origin of Azure Resource Manager, without a trailing slash. */
  readonly armEndpoint: string;
  /**
   * Whether App Service authenticates callers, so that what the header `X-MS-CLIENT-PRINCIPAL` says is App Service's:
   * where the setting says so and App Service does, too. Anywhere else the header is what a caller wrote.
   */
  readonly isAppServiceAuthOn: boolean;
  /** Where Teams takes messages, which is a secret; null where none is set. */
  readonly teamsWebhook: TeamsWebhook | null;
  /** Where the app answers, e.g. `https://app.azurewebsites.net`; empty where App Service does not say. */
  readonly appUrl: string;
  /** The client id of the user-assigned identity; null for the system-assigned one. */
  readonly clientId: string | null;
  readonly storage: StorageSettings;
  readonly delivery: DeliverySettings;
}

/** Settings that cannot be used. The message names every one of them, and what to write instead. */
export class InvalidSettingsError extends Error {
  override readonly name = 'InvalidSettingsError';
}

type Environment = Readonly<Record<string, string | undefined>>;

/** What the command line goes by: the app's settings, but that there need be no storage account. */
export type LaptopSettings = Omit<Settings, 'storage'> & { readonly storage: StorageSettings | null };

/** Reads and checks all settings. Throws {@link InvalidSettingsError}. */
export function readSettings(environment: Environment): Settings {
  const values = valuesIn(environment, schema.superRefine(demandStorage));
  return { ...settingsOf(values), storage: storageOf(values) };
}

/** The same where there need be no storage account. Throws {@link InvalidSettingsError}. */
export function readLaptopSettings(environment: Environment): LaptopSettings {
  const names = Object.keys(schema.shape).filter((name) => name.startsWith('AzureWebJobsStorage'));
  const hasStorage = names.some((name) => given(environment[name]) !== undefined);
  if (hasStorage) return readSettings(environment);
  return { ...settingsOf(valuesIn(environment, schema)), storage: null };
}

/** The function key with which the command line asks a deployed app; null where none is set. It is a secret. */
export function readAppKey(environment: Environment): string | null {
  return given(environment.HOLDFAST_KEY) ?? null;
}

type Values = z.infer<typeof schema>;

function valuesIn(environment: Environment, wanted: z.ZodType<Values>): Values {
  const parsed = wanted.safeParse(
    Object.fromEntries(Object.keys(schema.shape).map((name) => [name, given(environment[name])])),
  );
  if (parsed.success) return parsed.data;
  throw new InvalidSettingsError(`Holdfast's settings cannot be used. ${problemsOf(parsed.error)}`);
}

function settingsOf(values: Values): Omit<Settings, 'storage'> {
  return {
    scopes: values.HOLDFAST_SCOPES,
    modes: modesOf(values.HOLDFAST_MODE, values.HOLDFAST_REMEDIATORS),
    exempt: values.HOLDFAST_EXEMPT,
    sweepSchedule: values.HOLDFAST_SWEEP_SCHEDULE,
    ipRetireAfterMs: values.HOLDFAST_IP_RETIRE_AFTER,
    maxChanges: values.HOLDFAST_MAX_CHANGES,
    contestedAfter: values.HOLDFAST_CONTESTED_AFTER,
    keepPrincipals: values.HOLDFAST_KEEP_PRINCIPALS,
    logWorkspace: values.HOLDFAST_LOG_WORKSPACE ?? null,
    logEndpoint: values.HOLDFAST_LOG_ENDPOINT,
    armEndpoint: values.AZURE_RESOURCE_MANAGER_URL,
    isAppServiceAuthOn:
      values.HOLDFAST_APP_SERVICE_AUTH === 'on' &&
      saysAuthIsOn(values.WEBSITE_AUTH_ENABLED, values.WEBSITE_AUTH_V2_CONFIG_JSON),
    teamsWebhook: values.HOLDFAST_TEAMS_WEBHOOK ?? null,
    appUrl: values.WEBSITE_HOSTNAME === undefined ? '' : `https://${values.WEBSITE_HOSTNAME}`,
    clientId: values.AZURE_CLIENT_ID ?? null,
    delivery: {
      eventGridTopic: values.HOLDFAST_EVENT_GRID_TOPIC ?? null,
      logIngestion: logIngestionOf(values),
      archive: values.HOLDFAST_ARCHIVE ?? null,
    },
  };
}

/** For a person to read: a setting may hold thousands of parts, and a part may be long. */
const MOST_PROBLEMS = 10;
const LONGEST_PROBLEM = 600;

function problemsOf({ issues }: z.ZodError): string {
  const problems = issues
    .slice(0, MOST_PROBLEMS)
    .map(({ path, message }) => `${path.join('.')}: ${message}`)
    .map((text) => (text.length > LONGEST_PROBLEM ? `${text.slice(0, LONGEST_PROBLEM)}…` : text));
  const rest = issues.length - problems.length;
  return [...problems, ...(rest > 0 ? [`And ${rest} more.`] : [])].join(' ');
}

/** An empty setting is one that is not set: the portal cannot tell the two apart. */
function given(value: string | undefined): string | undefined {
  const trimmed = value?.trim();
  return trimmed === '' ? undefined : trimmed;
}

function listOf(text: string): readonly string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

const scopes = z
  .string('is required: comma-separated /subscriptions/{id} or /subscriptions/{id}/resourceGroups/{name}.')
  .transform((text, context) => {
    const result: Scope[] = [];
    for (const part of listOf(text)) {
      const match =
        /^\/subscriptions\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:\/resourceGroups\/([\p{L}\p{N}._()-]{1,90}))?\/?$/iu.exec(
          part,
        );
      if (match?.[1] === undefined) {
        context.addIssue(
          `"${part}" is not /subscriptions/{id} or /subscriptions/{id}/resourceGroups/{name}.`,
        );
      } else {
        result.push({
          subscriptionId: match[1].toLowerCase(),
          resourceGroup: match[2]?.toLowerCase() ?? null,
        });
      }
    }
    if (result.length === 0) context.addIssue('names no scope.');
    return withoutOverlap(result);
  });

/** Each resource is swept once: a group whose whole subscription is in scope adds nothing. */
function withoutOverlap(all: readonly Scope[]): readonly Scope[] {
  return all.filter(
    (scope, i) =>
      !all.some(
        (other, j) =>
          other.subscriptionId === scope.subscriptionId &&
          ((other.resourceGroup === null && scope.resourceGroup !== null) ||
            (other.resourceGroup === scope.resourceGroup && j < i)),
      ),
  );
}

const remediatorId = z.enum(REMEDIATOR_IDS);

const remediatorModes = z
  .string()
  .default('')
  .transform((text, context) => {
    const result = new Map<RemediatorId, RemediatorMode>();
    for (const part of listOf(text)) {
      const [name, mode, ...rest] = part.split('=').map((piece) => piece.trim());
      const id = remediatorId.safeParse(name);
      const chosen = z.enum(['off', 'audit', 'approve', 'enforce']).safeParse(mode);
      if (!id.success || !chosen.success || rest.length > 0) {
        context.addIssue(
          `"${part}" is not id=off|audit|approve|enforce with an id of ${REMEDIATOR_IDS.join(', ')}.`,
        );
      } else if (result.has(id.data)) {
        context.addIssue(`${id.data} is set twice.`);
      } else {
        result.set(id.data, chosen.data);
      }
    }
    return result;
  });

const exemptions = z
  .string()
  .default('')
  .transform((text, context) => {
    const result = new Map<string, ReadonlySet<RemediatorId>>();
    for (const part of listOf(text)) {
      const [resource = '', remediators, ...rest] = part.split('=').map((piece) => piece.trim());
      const ids = remediators === undefined ? REMEDIATOR_IDS : remediators.split('+').map((id) => id.trim());
      const parsed = z.array(remediatorId).safeParse(ids);
      if (!parsed.success || rest.length > 0) {
        context.addIssue(`"${part}" must name remediators out of ${REMEDIATOR_IDS.join(', ')}, joined by +.`);
        continue;
      }
      try {
        const { key } = parseResourceId(resource);
        result.set(key, new Set([...(result.get(key) ?? []), ...parsed.data]));
      } catch (error) {
        if (!(error instanceof InvalidResourceIdError)) throw error;
        context.addIssue(`"${resource}": ${error.message}`);
      }
    }
    return result;
  });

const sweepSchedule = z
  .string()
  .refine(isNcrontab, 'must be NCRONTAB with six fields, e.g. "0 0 * * * *".')
  .default(DEFAULT_SWEEP_SCHEDULE);

/** Days and smaller only: a month has no fixed length (ISO 8601-1, 5.5.2). */
const DURATION =
  /^P(?=\d|T\d)(?:(\d{1,5})W)?(?:(\d{1,5})D)?(?:T(?=\d)(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,6})S)?)?$/;
const UNIT_MS = [7 * 86_400_000, 86_400_000, 3_600_000, 60_000, 1000];

const duration = z
  .string()
  .default('P7D')
  .transform((text, context) => {
    const match = DURATION.exec(text);
    if (match === null) {
      context.addIssue(
        `"${text}" is not an ISO 8601 duration in weeks, days, hours, minutes or seconds, e.g. P7D.`,
      );
      return z.NEVER;
    }
    return UNIT_MS.reduce((sum, unit, i) => sum + unit * Number(match[i + 1] ?? 0), 0);
  });

const maxChanges = z
  .string()
  .default('50')
  .transform((text, context): MaxChanges => {
    if (/^\d{1,9}$/.test(text)) return { kind: 'count', count: Number(text) };
    const percent = /^(\d{1,3}(?:\.\d{1,3})?)\s*%$/.exec(text)?.[1];
    if (percent !== undefined && Number(percent) <= 100)
      return { kind: 'percentage', percent: Number(percent) };
    context.addIssue(
      `"${text}" is neither a whole number such as 50 nor a percentage from 0% to 100% such as 10%; 0 means that Holdfast changes nothing by itself.`,
    );
    return z.NEVER;
  });

const contestedAfter = z
  .string()
  .default('3')
  .transform((text, context) => {
    const times = /^\d{1,2}$/.test(text) ? Number(text) : 0;
    if (times >= 1 && times <= 20) return times;
    context.addIssue(`"${text}" is not a whole number from 1 to 20.`);
    return z.NEVER;
  });

/** An origin; one of `paths` may follow, as its documentation has it, and is left out. */
const httpsOrigin = (standard: string, paths: readonly string[] = ['/']) =>
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

function withoutLastSlashes(path: string): string {
  let end = path.length;
  while (path[end - 1] === '/') end -= 1;
  return path.slice(0, end);
}

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

/** https://learn.microsoft.com/azure/event-grid/post-to-custom-topic#endpoint */
const eventGridTopic = keylessUrl(
  'https://{topic}.{region}-1.eventgrid.azure.net/api/events',
  (path) => path.toLowerCase() === '/api/events',
);

/** https://learn.microsoft.com/azure/azure-monitor/logs/logs-ingestion-api-overview#endpoint */
const logIngestionEndpoint = keylessUrl(
  'https://{endpoint}.{region}-1.ingest.monitor.azure.com',
  (path) => path === '',
);

const logIngestionRule = z
  .string()
  .regex(/^dcr-[0-9a-f]{32}$/i, 'must be the immutable id of a data collection rule: dcr- and 32 hex digits.')
  .optional();

/**
 * https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules#microsoftstorage; a segment
 * before the container is the account, where the host is not its name.
 */
/**
 * What App Service puts into an app's environment: whether authentication is on, and its configuration
 * (https://learn.microsoft.com/azure/app-service/reference-app-settings#authentication--authorization). No page says which
 * of them a Flex Consumption app gets; without either, nobody is believed.
 */
function saysAuthIsOn(enabled: string | undefined, config: string | undefined): boolean {
  if (enabled !== undefined) return enabled.toLowerCase() === 'true';
  try {
    return AuthConfig.safeParse(JSON.parse(config ?? 'null')).success;
  } catch {
    return false;
  }
}

const AuthConfig = z.object({ platform: z.object({ enabled: z.literal(true) }) });

const archive = keylessUrl('https://{account}.blob.core.windows.net/{container}', (path) =>
  /^(?:\/[a-z0-9]{3,24})?\/[a-z0-9](?:-?[a-z0-9]){2,62}$/.test(path),
);

const principals = z
  .string()
  .default('')
  .transform((text, context) => {
    const ids = listOf(text).map((id) => id.toLowerCase());
    for (const id of ids) {
      if (!z.guid().safeParse(id).success) context.addIssue(`"${id}" is not an object id (a GUID).`);
    }
    return new Set(ids);
  });

/** https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules#microsoftoperationalinsights */
const WORKSPACE =
  /^\/subscriptions\/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\/resourcegroups\/[\p{L}\p{N}._()-]{1,90}\/providers\/microsoft\.operationalinsights\/workspaces\/[a-z0-9][a-z0-9-]{2,61}[a-z0-9]$/iu;

const workspace = z
  .string()
  .regex(
    WORKSPACE,
    'must be the resource id of a Log Analytics workspace: /subscriptions/{id}/resourceGroups/{name}/providers/Microsoft.OperationalInsights/workspaces/{name}.',
  )
  .optional();

const serviceUri = z
  .url({ protocol: /^https$/, error: 'must be an https URL: tokens are never sent over plain HTTP.' })
  .optional();

/**
 * The URL is itself the permission to post, so no message may quote it. Where App Service cannot resolve a Key Vault
 * reference, the setting holds the reference
 * (https://learn.microsoft.com/azure/app-service/app-service-key-vault-references): that may pass, and must not stop all
 * else.
 */
const teamsWebhook = z
  .string()
  .transform((text, context): TeamsWebhook => {
    if (/^@Microsoft\.(?:KeyVault|AppSettings)\(/i.test(text)) return { kind: 'unresolved' };
    const url = URL.canParse(text) ? new URL(text) : null;
    if (url?.protocol === 'https:' && url.username === '') return { kind: 'url', url: url.href };
    context.addIssue(
      'must be the https URL that the Teams workflow "When a Teams webhook request is received" shows, or a Key Vault reference to it.',
    );
    return z.NEVER;
  })
  .optional();

const STORAGE_HINT =
  'is required: a connection string, or AzureWebJobsStorage__blobServiceUri, __queueServiceUri and __tableServiceUri.';

const schema = z
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

function demandStorage(values: Values, context: z.RefinementCtx): void {
  const uris = [
    values.AzureWebJobsStorage__blobServiceUri,
    values.AzureWebJobsStorage__queueServiceUri,
    values.AzureWebJobsStorage__tableServiceUri,
  ];
  if (values.AzureWebJobsStorage === undefined && uris.includes(undefined)) {
    context.addIssue({ code: 'custom', path: ['AzureWebJobsStorage'], message: STORAGE_HINT });
  }
}

function modesOf(
  mode: 'audit' | 'enforce',
  chosen: ReadonlyMap<RemediatorId, RemediatorMode>,
): Record<RemediatorId, RemediatorMode> {
  const standard = (id: RemediatorId): RemediatorMode =>
    OPTIONAL_REMEDIATOR_IDS.includes(id) ? 'off' : mode;
  const entries = REMEDIATOR_IDS.map((id) => [id, chosen.get(id) ?? standard(id)] as const);
  return Object.fromEntries(entries) as Record<RemediatorId, RemediatorMode>;
}

function logIngestionOf(values: Values): LogIngestionSettings | null {
  const { HOLDFAST_LOG_INGESTION_ENDPOINT: endpoint, HOLDFAST_LOG_INGESTION_RULE: ruleId } = values;
  return endpoint === undefined || ruleId === undefined ? null : { endpoint, ruleId };
}

function storageOf(values: Values): StorageSettings {
  if (values.AzureWebJobsStorage !== undefined) {
    return { kind: 'connection-string', connectionString: values.AzureWebJobsStorage };
  }
  return {
    kind: 'identity',
    blobServiceUri: values.AzureWebJobsStorage__blobServiceUri ?? '',
    queueServiceUri: values.AzureWebJobsStorage__queueServiceUri ?? '',
    tableServiceUri: values.AzureWebJobsStorage__tableServiceUri ?? '',
  };
}
