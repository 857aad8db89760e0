import { isPlaceholder } from './credential-value.js';
import type { Marks } from './marks.js';

/** A credential that is known by its looks, wherever it stands. */
export interface CredentialFormat {
  readonly kind: string;
  /**
   * Global. The group `secret`, or else the whole match, is the credential. Each begins at a fixed text or where
   * a run of its characters begins, and repeats nothing without a limit, so that it is linear in a text's length.
   */
  readonly pattern: RegExp;
  /** In whatever the pattern matches there is one of these. */
  readonly marks: Marks;
  /** What must stand beside it in the same text. */
  readonly near?: RegExp;
  /** Whether what was found can be one, where that is more than a pattern can say. */
  readonly accepts?: (secret: string) => boolean;
}

const isNoPlaceholder = (secret: string): boolean => !isPlaceholder(secret);

/**
 * The formats of keys with a signature in them are those of Microsoft's own scanner
 * (https://github.com/microsoft/security-utilities, PreciselyClassifiedSecurityKeys.json, SEC101/152 to 200).
 */
const AZURE_KEYS: readonly CredentialFormat[] = [
  { kind: 'Cosmos DB key', ...key64('ACDb') },
  { kind: 'storage account key', ...key64('+ASt') },
  { kind: 'Batch account key', ...key64('+ABa') },
  { kind: 'machine learning service key', ...key64('+AMC') },
  { kind: 'API Management key', ...key64('APIM') },
  { kind: 'Service Bus key', ...key32('+ASb') },
  { kind: 'Event Hubs key', ...key32('+AEh') },
  { kind: 'Relay key', ...key32('+ARm') },
  { kind: 'IoT Hub key', ...key32('AIoT') },
  { kind: 'Redis key', ...key32('AzCa') },
  { kind: 'Event Grid key', ...key32('AZEG') },
  {
    kind: 'AI Search key',
    pattern: /(?<![\w+/-])[A-Za-z\d]{42}AzSe[A-D][A-Za-z\d]{5}(?![\w+/=-])/g,
    marks: ['azse'],
  },
  {
    kind: 'container registry key',
    pattern: /(?<![\w+/-])[A-Za-z\d+/]{42}\+ACR[A-D][A-Za-z\d+/]{5}(?![\w+/=-])/g,
    marks: ['+acr'],
  },
  {
    kind: 'function key',
    pattern: /(?<![\w-])[\w-]{44}AzFu[\w-]{5}[AQgw](?:==|%3D%3D)/gi,
    marks: ['azfu'],
  },
  {
    kind: 'Azure resource key',
    pattern: /(?<![A-Za-z\d])[A-Za-z\d]{52}JQQJ9[9DH][A-Za-z\d][A-L][A-Za-z\d]{16}[A-Za-z][A-Za-z\d]{7}/g,
    marks: ['jqqj9'],
  },
  {
    kind: 'client secret',
    pattern: /(?<![\w~.+/-])[\w~.-]{3}[78]Q~[\w~.-]{31,34}(?![\w~+/-])/g,
    marks: ['7q~', '8q~'],
  },
  // https://learn.microsoft.com/azure/devops/organizations/accounts/use-personal-access-tokens-to-authenticate
  {
    kind: 'Azure DevOps personal access token',
    pattern: /(?<![A-Za-z\d])[A-Za-z\d]{76}AZDO[A-Za-z\d]{4}(?![A-Za-z\d])/g,
    marks: ['azdo'],
  },
];

/**
 * https://learn.microsoft.com/azure/storage/common/storage-configure-connection-string and the connection strings
 * of the other services; what has no signature is known by the key before it.
 */
const CONNECTION_STRINGS: readonly CredentialFormat[] = [
  {
    kind: 'Cosmos DB key',
    pattern: /\bAccountKey\s?=\s?(?<secret>[A-Za-z\d+/]{86}==)/gi,
    marks: ['accountkey'],
    near: /documents\.azure\./i,
  },
  {
    kind: 'storage account key',
    pattern: /\bAccountKey\s?=\s?(?<secret>[A-Za-z\d+/]{86}==)/gi,
    marks: ['accountkey'],
  },
  {
    kind: 'IoT Hub key',
    pattern: /\bSharedAccessKey\s?=\s?(?<secret>[A-Za-z\d+/]{43}=)/gi,
    marks: ['sharedaccesskey'],
    near: /azure-devices/i,
  },
  {
    kind: 'Service Bus or Event Hubs key',
    pattern: /\bSharedAccessKey\s?=\s?(?<secret>[A-Za-z\d+/]{43}=)/gi,
    marks: ['sharedaccesskey'],
  },
  {
    kind: 'App Configuration key',
    pattern: /;Secret=(?<secret>[A-Za-z\d+/]{30,120}=?)/gi,
    marks: [';secret='],
    near: /azconfig\./i,
  },
  {
    kind: 'access key in a connection string',
    pattern: /;AccessKey=(?<secret>[A-Za-z\d+/]{40,120}={0,2})/gi,
    marks: [';accesskey='],
    near: /\bendpoint=/i,
  },
  {
    kind: 'password in a connection string',
    pattern: /\b(?:password|pwd)\s?=\s?(?<secret>[^;,\s"'\uE000\uE001]{1,256})/gi,
    marks: ['password', 'pwd'],
    near: /\b(?:server|data source|host|hostname|user id|uid|username|user|initial catalog|database|dsn|driver|ssl)\s?=/i,
    accepts: isNoPlaceholder,
  },
  {
    kind: 'password in a URI',
    pattern: /:\/\/[^\s/?#@:"'<>\\]{0,256}:(?<secret>[^\s/?#@"'<>\\\uE000\uE001]{1,256})@/g,
    marks: ['://'],
    accepts: isNoPlaceholder,
  },
  {
    // https://docs.oasis-open.org/wss/v1.1/wss-v1.1-spec-os-UsernameTokenProfile.pdf
    kind: 'password',
    pattern: /<(?:\w{1,20}:)?Password(?:\s[^<>]{0,300})?>(?<secret>[^<>\s\uE000\uE001]{1,256})<\//gi,
    marks: ['password'],
    accepts: isNoPlaceholder,
  },
  {
    kind: 'password',
    pattern: /ConvertTo-SecureString\s{1,4}(?:-String\s{1,4})?["'](?<secret>[^"'$\s]{1,256})["']/gi,
    marks: ['-securestring'],
    accepts: isNoPlaceholder,
  },
];

/** Signatures and addresses that are all it takes. */
const URLS: readonly CredentialFormat[] = [
  {
    // https://learn.microsoft.com/azure/logic-apps/logic-apps-securing-a-logic-app#generate-a-shared-access-signature-sas-key-or-token
    kind: 'callback URL of a workflow',
    pattern: /(?<![A-Za-z\d])sig=(?<secret>[\w%-]{20,128})/gi,
    marks: ['sig='],
    near: /logic\.azure\.|powerplatform\.com|\/triggers(?:\/|%2F)/i,
  },
  // https://learn.microsoft.com/rest/api/storageservices/create-service-sas
  {
    kind: 'SAS signature',
    pattern: /(?<![A-Za-z\d])sig=(?<secret>[\w%+/-]{20,200}={0,2})/gi,
    marks: ['sig='],
  },
  {
    kind: 'function key',
    pattern: /[?&]code=(?<secret>[\w%/+-]{20,200}={0,2})/gi,
    marks: ['?code=', '&code='],
    near: /azurewebsites\./i,
  },
  {
    // https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/add-incoming-webhook
    kind: 'Teams webhook URL',
    pattern:
      /(?:webhook|outlook)\.office\.com\/webhook(?:b2)?\/[\da-f-]{36}@[\da-f-]{36}\/IncomingWebhook\/(?<secret>[\da-f]{32})/gi,
    marks: ['/incomingwebhook/'],
  },
  {
    kind: 'Slack webhook URL',
    pattern: /hooks\.slack\.com\/(?:services|workflows|triggers)\/\w{6,20}\/\w{6,20}\/(?<secret>\w{16,64})/gi,
    marks: ['hooks.slack.com'],
  },
  // https://discord.com/developers/docs/resources/webhook
  {
    kind: 'Discord webhook URL',
    pattern: /discord(?:app)?\.com\/api\/webhooks\/\d{15,22}\/(?<secret>[\w-]{40,100})/gi,
    marks: ['/api/webhooks/'],
  },
];

/** Whatever carries it. */
const TOKENS: readonly CredentialFormat[] = [
  // RFC 7468, with the line ends as they are or as JSON writes them
  {
    kind: 'private key',
    pattern:
      /-----BEGIN (?:[A-Z]{2,10} ){0,2}PRIVATE KEY(?: BLOCK)?-----[\s\\nr]{0,8}(?<secret>[A-Za-z\d+/=]{16,64})/g,
    marks: ['-----begin '],
  },
  // RFC 7519; both begin with what base64 makes of `{"`
  {
    kind: 'bearer token',
    pattern: /(?<![\w-])ey[\w-]{10,8000}\.ey[\w-]{10,8000}\.(?<secret>[\w-]{16,2000})/g,
    marks: ['.ey'],
  },
  // RFC 7617
  {
    kind: 'basic password',
    pattern: /\bBasic\s{1,4}(?<secret>[A-Za-z\d+/]{8,1000}={0,2})(?![\w+/=-])/gi,
    marks: ['basic'],
    accepts: isUserAndPassword,
  },
  // RFC 6750
  {
    kind: 'bearer token',
    pattern: /\bBearer\s{1,4}(?<secret>[\w.~+/-]{20,8000}={0,2})/gi,
    marks: ['bearer'],
    accepts: (secret) => /\d/.test(secret) && /[A-Za-z]/.test(secret),
  },
  // The others as gitleaks has them: https://github.com/gitleaks/gitleaks/blob/master/config/gitleaks.toml
  { kind: 'AWS access key', pattern: /\b(?:AKIA|ASIA)[A-Z2-7]{16}\b/g, marks: ['akia', 'asia'] },
  { kind: 'Google API key', pattern: /\bAIza[\w-]{35}(?![\w-])/g, marks: ['aiza'] },
  { kind: 'Google client secret', pattern: /\bGOCSPX-[\w-]{28}(?![\w-])/g, marks: ['gocspx-'] },
  { kind: 'Atlassian API token', pattern: /\bATATT3[\w=-]{186}/g, marks: ['atatt3'] },
  { kind: 'Telegram bot token', pattern: /\b\d{8,10}:AA[\w-]{33}(?![\w-])/g, marks: [':aa'] },
  {
    kind: 'OpenAI API key',
    pattern: /\bsk-(?:proj|svcacct|admin)-[\w-]{40,200}/g,
    marks: ['sk-proj-', 'sk-svcacct-', 'sk-admin-'],
  },
  // 64 bytes: what is before it is no hash's name (`sha512-`)
  {
    kind: 'storage account, Cosmos DB or Log Analytics key',
    pattern: /(?<![\w+/-])[A-Za-z\d+/]{86}==(?!=)/g,
    marks: ['=='],
  },
];

/** The more specific before the less specific. */
export const CREDENTIAL_FORMATS: readonly CredentialFormat[] = [
  ...AZURE_KEYS,
  ...CONNECTION_STRINGS,
  ...URLS,
  ...TOKENS,
];

function key64(signature: string): Pick<CredentialFormat, 'pattern' | 'marks'> {
  return signedKey(`[A-Za-z\\d+/]{76}`, signature, `[A-Za-z\\d+/]{5}[AQgw]==`);
}

function key32(signature: string): Pick<CredentialFormat, 'pattern' | 'marks'> {
  return signedKey(`[A-Za-z\\d+/]{33}`, signature, `[A-P][A-Za-z\\d+/]{5}=`);
}

function signedKey(
  before: string,
  signature: string,
  after: string,
): Pick<CredentialFormat, 'pattern' | 'marks'> {
  const pattern = new RegExp(
    `(?<![\\w+/-])${before}${signature.replace('+', '\\+')}${after}(?![\\w+/=-])`,
    'g',
  );
  return { pattern, marks: [signature.toLowerCase()] };
}

function isUserAndPassword(base64: string): boolean {
  try {
    const [, password] = /^[ -9;-~]{0,512}:([ -~]{1,512})$/.exec(atob(base64)) ?? [];
    return password !== undefined && !isPlaceholder(password);
  } catch {
    return false; // no base64
  }
}
