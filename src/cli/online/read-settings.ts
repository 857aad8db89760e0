import { InvalidSettingsError, readLaptopSettings, type LaptopSettings } from '../../settings/settings.js';
import { CommandError, EXIT } from '../exit-code.js';
import { azAccount } from './az-account.js';
import type { OnlineOptions } from './options.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** What is in scope of a command that is not about a scope, where nothing else says what is. */
export const ANY_SUBSCRIPTION = '/subscriptions/00000000-0000-0000-0000-000000000000';

/**
 * The settings that a command goes by: those of the environment, with what its options say in their place, and the
 * subscription that Azure CLI works in where nothing says what to look at. `inScope` is a resource that is asked for by
 * name: its own subscription is what to look at then. Throws {@link CommandError}.
 */
export async function readCommandSettings(
  options: OnlineOptions,
  environment: Environment,
  inScope: string | null = null,
): Promise<LaptopSettings> {
  const scopes = saidScopes(options, environment) ?? subscriptionOf(inScope);
  const settings = {
    ...environment,
    HOLDFAST_SCOPES: scopes ?? `/subscriptions/${(await azAccount()).subscriptionId}`,
    ...storageOf(options.storage, environment.AZURE_RESOURCE_MANAGER_URL),
  };
  try {
    return readLaptopSettings(settings);
  } catch (error) {
    if (!(error instanceof InvalidSettingsError)) throw error;
    throw new CommandError(error.message, EXIT.usage);
  }
}

/** What to look at, as the options or else the environment say it; null where neither does. */
export function saidScopes(
  { scope = [], subscription }: OnlineOptions,
  { HOLDFAST_SCOPES = '' }: Environment,
): string | null {
  const asked = subscription === undefined ? scope : [...scope, `/subscriptions/${subscription}`];
  if (asked.length > 0) return asked.join(',');
  return HOLDFAST_SCOPES.trim() === '' ? null : HOLDFAST_SCOPES;
}

function subscriptionOf(inScope: string | null): string | null {
  const [subscription] = /\/subscriptions\/[0-9a-f-]{36}(?=\/|$)/i.exec(inScope ?? '') ?? [];
  return subscription ?? null;
}

/** The suffixes of storage accounts: https://learn.microsoft.com/azure/storage/common/storage-powershell-independent-clouds */
const SUFFIXES: Readonly<Record<string, string>> = {
  'management.azure.com': 'core.windows.net',
  'management.chinacloudapi.cn': 'core.chinacloudapi.cn',
  'management.usgovcloudapi.net': 'core.usgovcloudapi.net',
};

/** An account by its name is reached with the caller's own rights, whatever the environment has. */
function storageOf(account: string | undefined, armUrl = 'https://management.azure.com'): Environment {
  if (account === undefined) return {};
  if (!/^[a-z0-9]{3,24}$/.test(account)) {
    throw new CommandError(
      '--storage takes the name of a storage account: 3 to 24 letters and digits.',
      EXIT.usage,
    );
  }
  const suffix = URL.canParse(armUrl) ? SUFFIXES[new URL(armUrl).hostname] : undefined;
  if (suffix === undefined) {
    throw new CommandError(
      `Where storage accounts are in the cloud of ${armUrl} is not known: set AzureWebJobsStorage__blobServiceUri, __queueServiceUri and __tableServiceUri instead of --storage.`,
      EXIT.usage,
    );
  }
  const uri = (service: string): string => `https://${account}.${service}.${suffix}`;
  return {
    AzureWebJobsStorage: undefined,
    AzureWebJobsStorage__blobServiceUri: uri('blob'),
    AzureWebJobsStorage__queueServiceUri: uri('queue'),
    AzureWebJobsStorage__tableServiceUri: uri('table'),
  };
}
