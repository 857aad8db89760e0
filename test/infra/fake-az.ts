/*
 * An `az` that knows the commands of docs/install.md and no other, and sends what Azure CLI sends for each: the requests
 * are those of https://github.com/Azure/azure-cli, src/azure-cli/azure/cli/command_modules (role/custom.py above all).
 */

interface Flat {
  readonly [name: string]: unknown;
}

const LETTERS = new Map([
  ['o', 'output'],
  ['g', 'resource-group'],
  ['n', 'name'],
]);
const words = process.argv.slice(2);
const first = words.findIndex((word) => word.startsWith('-'));
const { SUBSCRIPTION_OF_AZ, CONTROL = '', AS } = process.env;
const options = optionsOf(words.slice(first));

function optionsOf(rest: readonly string[]): ReadonlyMap<string, string> {
  const found = new Map([['subscription', SUBSCRIPTION_OF_AZ ?? '']]);
  rest.forEach((word, i) => {
    if (!word.startsWith('-')) return;
    const name = word.replace(/^-+/, '');
    const value = rest[i + 1] ?? '-';
    found.set(LETTERS.get(name) ?? name, value.startsWith('-') ? 'true' : value);
  });
  return found;
}

const option = (name: string): string => options.get(name) ?? '';
const inSubscription = (): string => `/subscriptions/${option('subscription')}`;
const group = (): string => `${inSubscription()}/resourceGroups/${option('resource-group')}`;
const topic = (): string =>
  `${group()}/providers/Microsoft.EventGrid/systemTopics/${option('system-topic-name')}`;
const policy = (): string =>
  `${group()}/providers/Microsoft.Storage/storageAccounts/${option('account-name')}` +
  `/blobServices/default/containers/${option('container-name')}/immutabilityPolicies/default?api-version=2023-05-01`;
const rbac = (scope: string, type: string): string => `${scope}/providers/Microsoft.Authorization/${type}`;

async function arm(method: string, path: string): Promise<unknown> {
  const answer = await fetch(`${CONTROL}/act`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ as: AS, method, path }),
  });
  const said = await answer.text();
  if (!answer.ok) throw new Error(said);
  const { body } = JSON.parse(said) as { readonly body: string };
  return body === '' ? null : JSON.parse(body);
}

/** Flattened, as the CLI shows them. */
async function listed(path: string): Promise<readonly Flat[]> {
  const { value } = (await arm('GET', path)) as { readonly value: readonly { readonly properties: Flat }[] };
  return value.map(({ properties, ...rest }) => ({ ...rest, ...properties }));
}

/** What may be assigned at a scope, and nothing below it: the CLI sends no filter. */
async function definitions(): Promise<readonly Flat[]> {
  const found = await listed(rbac(option('scope'), 'roleDefinitions'));
  const named = found.filter(({ name }) => name === option('name'));
  return options.has('custom-role-only') ? named.filter(({ type }) => type === 'CustomRole') : named;
}

const COMMANDS: Readonly<Record<string, () => Promise<unknown>>> = {
  'identity list': () =>
    listed(`${group()}/providers/Microsoft.ManagedIdentity/userAssignedIdentities?api-version=2023-01-31`),
  'functionapp list': () => listed(`${group()}/providers/Microsoft.Web/sites?api-version=2024-04-01`),
  'resource show': () => arm('GET', `${option('ids')}?api-version=2024-04-01`),
  'storage account list': () =>
    listed(`${group()}/providers/Microsoft.Storage/storageAccounts?api-version=2023-05-01`),
  'role assignment list': () => {
    if (!options.has('all')) throw new Error('Without --all only the subscription itself is looked at.');
    const filter = encodeURIComponent(`principalId eq '${option('assignee')}'`);
    return listed(`${rbac(inSubscription(), 'roleAssignments')}?$filter=${filter}&api-version=2022-04-01`);
  },
  'role assignment delete': () => silently(arm('DELETE', option('ids'))),
  'role definition list': definitions,
  'role definition delete': async () => {
    for (const { name } of await definitions()) {
      await arm('DELETE', `${rbac(option('scope'), 'roleDefinitions')}/${String(name)}`);
    }
    return null;
  },
  'eventgrid system-topic event-subscription delete': () =>
    silently(arm('DELETE', `${topic()}/eventSubscriptions/${option('name')}?api-version=2022-06-15`)),
  'storage container immutability-policy show': () => arm('GET', policy()),
  'storage container immutability-policy delete': () => {
    if (option('if-match') === '') throw new Error('--if-match is required.');
    return silently(arm('DELETE', policy()));
  },
  'group delete': () => silently(arm('DELETE', `${inSubscription()}/resourceGroups/${option('name')}`)),
};

async function silently(done: Promise<unknown>): Promise<null> {
  await done;
  return null;
}

/** Of JMESPath a member, a member of each, and the first one. */
function stepInto(value: unknown, step: string): unknown {
  if (step === '[]') return value;
  if (step === '[0]') return (value as readonly unknown[])[0];
  return Array.isArray(value) ? value.map((item: Flat) => item[step]) : (value as Flat)[step];
}

async function main(command: string): Promise<void> {
  const run = COMMANDS[command];
  if (run === undefined) throw new Error('is not known here');
  const answer = await run();
  if (answer === null) return;
  const steps = options.has('query') ? option('query').split('.') : [];
  const shown = steps.reduce<unknown>(stepInto, answer);
  if (shown === undefined) return;
  const isText = option('output') === 'tsv';
  const lines = isText && Array.isArray(shown) ? (shown as readonly unknown[]) : [shown];
  for (const line of lines) {
    process.stdout.write(`${isText && typeof line === 'string' ? line : JSON.stringify(line)}\n`);
  }
}

const command = words.slice(0, first).join(' ');
main(command).catch((error: unknown) => {
  process.stderr.write(`az ${command}: ${String(error)}\n`);
  process.exitCode = 1;
});
