import type { z } from 'zod';
import type { DeliverySettings, LogIngestionSettings } from '../types/delivery-settings.js';
import type { MaxChanges } from '../types/max-changes.js';
import type { RemediatorId } from '../types/remediator-id.js';
import type { Scope } from '../types/scope.js';
import type { StorageSettings } from '../types/storage-settings.js';
import type { TeamsWebhook } from '../types/teams-webhook.js';
import { saysAuthIsOn } from './app-service-auth.js';
import { modesOf, type RemediatorMode } from './remediators.js';
import { demandStorage, schema, type Values } from './schema.js';

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

/** An empty setting is one that is not set: the portal cannot tell the two apart. */
function given(value: string | undefined): string | undefined {
  const trimmed = value?.trim();
  return trimmed === '' ? undefined : trimmed;
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
