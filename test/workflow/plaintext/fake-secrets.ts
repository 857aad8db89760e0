const LOWER = 'abcdefghijklmnopqrstuvwxyz';
const DIGITS = '0123456789';

export const ALPHANUMERIC = LOWER + LOWER.toUpperCase() + DIGITS;
export const BASE64 = `${ALPHANUMERIC}+/`;
export const HEX = `${DIGITS}abcdef`;

/** Characters that look drawn at random and are the same each time. They open nothing. */
export function fake(length: number, alphabet = ALPHANUMERIC, seed = 7): string {
  let state = seed;
  return Array.from({ length }, () => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return alphabet[Math.floor(state / 65536) % alphabet.length];
  }).join('');
}

export const fakeGuid = (seed = 7): string =>
  [8, 4, 4, 4, 12].map((length) => fake(length, HEX, seed + length)).join('-');
const base64url = (text: string): string => Buffer.from(text).toString('base64url');

/** One of each format, made when asked for, so that no text of this repository looks like a credential. */
export const FAKE = {
  storageKey: () => `${fake(76, BASE64)}+ASt${fake(5)}A==`,
  key64: () => `${fake(85, BASE64)}A==`,
  cosmosKey: () => `${fake(76, BASE64)}ACDb${fake(5)}A==`,
  key32: () => `${fake(43, BASE64)}=`,
  functionKey: () => `${fake(44)}AzFu${fake(5)}A==`,
  searchKey: () => `${fake(42)}AzSeB${fake(5)}`,
  aiKey: () => `${fake(52)}JQQJ99BC${fake(16)}A${fake(7)}`,
  clientSecret: () => `${fake(3)}8Q~${fake(34)}`,
  signature: () => `${fake(43)}%3D`,
  github: () => `ghp_${fake(36)}`,
  gitlab: () => `glpat-${fake(20)}`,
  slack: () => `xoxb-${fake(12, DIGITS)}-${fake(12, DIGITS)}-${fake(24)}`,
  stripe: () => `sk_live_${fake(24)}`,
  sendgrid: () => `SG.${fake(22)}.${fake(43)}`,
  openai: () => `sk-proj-${fake(74)}T3BlbkFJ${fake(74)}`,
  anthropic: () => `sk-ant-api03-${fake(93)}AA`,
  npm: () => `npm_${fake(36)}`,
  awsId: () => `AKIA${fake(16, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567')}`,
  google: () => `AIza${fake(35)}`,
  devOps: () => `${fake(76)}AZDO${fake(4)}`,
  jwt: () => `${base64url('{"alg":"RS256"}')}.${base64url('{"sub":"somebody"}')}.${fake(86)}`,
  privateKey: () =>
    ['-----BEGIN', 'PRIVATE', `KEY-----\n${fake(64, BASE64)}\n-----END`, 'PRIVATE', 'KEY-----'].join(' '),
  basic: () => Buffer.from(`svc-hr:${fake(14)}`).toString('base64'),
  password: () => `Pa7${fake(8)}!`,
  callbackUrl: () =>
    `https://prod-12.westeurope.logic.azure.com:443/workflows/${fake(32, HEX)}/triggers/manual/paths/invoke?api-version=2016-10-01&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=${fake(43)}`,
  sasUrl: () =>
    `https://acct.blob.core.windows.net/c/b.txt?sv=2023-11-03&se=2030-01-01T00%3A00Z&sr=b&sp=r&sig=${fake(43)}%3D`,
  teamsUrl: () =>
    `https://contoso.webhook.office.com/webhookb2/${fakeGuid(1)}@${fakeGuid(2)}/IncomingWebhook/${fake(32, HEX)}/${fakeGuid(3)}`,
  slackUrl: () => `https://hooks.slack.com/services/T${fake(9)}/B${fake(9)}/${fake(24)}`,
};
