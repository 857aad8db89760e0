import type { Azure } from '../simulator/azure.js';
import { resourceIn, type Break, type Lapse } from './break.js';
import {
  compose,
  connectionPath,
  getSecret,
  http,
  keyVaultConnection,
  plainPlaybook,
  playbook,
  workflowPath,
} from './estate.js';

const BLOCK_USER = workflowPath('Block-User');
const RESET_PASSWORD = workflowPath('Reset-Password');
const NOTIFY_OWNER = workflowPath('Notify-Owner');
const SCAN_FILE = workflowPath('Scan-File');
const MOVED = ['Isolate-Device', 'Collect-Evidence'].map(workflowPath);

/** Looks like a key, and is none. */
const NO_KEY = 'q7Rk2vX9mB4tZ1pLw8Nd';

export const PLAYBOOK_BREAKS: readonly Break[] = [
  {
    kind: 'break',
    title: 'A designer save drops the secure outputs',
    fixes: [{ resourceId: BLOCK_USER, remediators: ['workflow-secure-outputs'] }],
    happen: (azure) =>
      azure
        .as('bob@contoso.com')
        .put(BLOCK_USER, playbook({ Get_secret: getSecret('api-token') }, 'keyvault-sentinel')),
    isFixed: (azure) => isHidden(azure, BLOCK_USER, { Get_secret: 'outputs' }),
  },
  {
    kind: 'break',
    title: 'A new playbook passes its secret on: Compose, then HTTP',
    fixes: [{ resourceId: RESET_PASSWORD, remediators: ['workflow-secure-outputs', 'workflow-secret-flow'] }],
    happen: (azure) => azure.as('bob@contoso.com').put(RESET_PASSWORD, passingOn()),
    isFixed: (azure) =>
      // Azure hides the Compose by itself, and nothing of whoever takes the secret from there.
      isHidden(azure, RESET_PASSWORD, { Get_secret: 'outputs', Reset: 'inputs' }),
  },
  {
    kind: 'break',
    title: 'A copied playbook comes without an identity',
    fixes: [{ resourceId: NOTIFY_OWNER, remediators: ['workflow-managed-identity'] }],
    happen: (azure) => {
      const copied = playbook({ Get_secret: getSecret('api-token', true) }, 'keyvault-sentinel');
      return azure.as('bob@contoso.com').put(NOTIFY_OWNER, { ...copied, identity: { type: 'None' } });
    },
    isFixed: (azure) => resourceIn(azure, NOTIFY_OWNER).identity?.type === 'SystemAssigned',
  },
  {
    kind: 'break',
    title: 'Bob signs in to a connection that two playbooks use',
    fixes: [connectionPath('keyvault-incidents'), ...MOVED].map((resourceId) => ({
      resourceId,
      remediators: ['connection-managed-identity'],
    })),
    happen: async (azure) => {
      const id = connectionPath('keyvault-incidents');
      await azure.as('bob@contoso.com').put(id, keyVaultConnection('kv-sentinel', 'user'));
      azure.signIn(id, 'bob@contoso.com');
    },
    isFixed: (azure) => MOVED.every((id) => usesConnection(azure, id, 'keyvault-incidents-mi')),
  },
];

export const PLAYBOOK_LAPSES: readonly Lapse[] = [
  {
    kind: 'lapse',
    title: 'A playbook is saved with a key in plain text',
    resourceId: SCAN_FILE,
    remediator: 'workflow-plaintext-secrets',
    happen: (azure) => {
      const inputs = {
        method: 'GET',
        uri: 'https://scan.example.com/files',
        headers: { 'x-api-key': NO_KEY },
      };
      return azure.as('bob@contoso.com').put(SCAN_FILE, plainPlaybook({ Scan: http(inputs) }));
    },
  },
];

function passingOn(): object {
  const login = { user: 'svc-reset', password: "@body('Get_secret')?['value']" };
  return playbook(
    {
      Get_secret: getSecret('reset-password'),
      Login: compose(login, 'Get_secret'),
      Reset: http(
        { method: 'POST', uri: 'https://idp.example.com/reset', body: "@outputs('Login')" },
        'Login',
      ),
    },
    'keyvault-sentinel',
  );
}

/** Whether each of these actions hides what it is said to hide. */
function isHidden(azure: Azure, id: string, hidden: Readonly<Record<string, string>>): boolean {
  const actions = resourceIn(azure, id).properties?.definition?.actions ?? {};
  return Object.entries(hidden).every(([name, what]) =>
    JSON.stringify(actions[name] ?? null).includes(`"secureData":{"properties":["${what}"]}`),
  );
}

function usesConnection(azure: Azure, id: string, connection: string): boolean {
  return JSON.stringify(resourceIn(azure, id).properties?.parameters ?? null).includes(
    `"connectionId":"${connectionPath(connection)}"`,
  );
}
