import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { FaultAction } from '../../simulator/faults.js';
import { startSimulator, type Simulator, type SimulatorOptions } from '../../simulator/simulator.js';
import { createAuditLog } from '../../src/state/audit-log.js';
import { readStateDirectory } from '../../src/state/local/state-directory.js';
import type { AuditRecord } from '../../src/types/record.js';
import { SUBSCRIPTION } from '../../demo/stack.js';
import type { Run } from './run-holdfast.js';

/** How Azure CLI is on a laptop. */
export interface AzState {
  /** Whoever has signed in; null where nobody has. */
  readonly as: string | null;
  /** Where they have; the simulator's own tenant by default. */
  readonly tenantId?: string;
  /** Entra ID wants them to sign in anew. */
  readonly isExpired?: boolean;
  /** Whoever signed in has no subscription. */
  readonly hasNoSubscription?: boolean;
}

/** A machine with Azure CLI and without a deployed Holdfast, beside a simulated Azure. */
export interface Laptop {
  readonly simulator: Simulator;
  /** The state directory. */
  readonly state: string;
  /** Gives what a command needs of it in its environment: nothing. */
  readonly setAz: (state: AzState) => Env;
  readonly holdfast: (args: readonly string[], env?: Env) => Promise<Run>;
  /** The same while it runs. */
  readonly start: (args: readonly string[], env?: Env) => Running;
  /** The records in the state directory, newest first. */
  readonly records: () => Promise<readonly AuditRecord[]>;
  readonly close: () => Promise<void>;
}

export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Run>;
}

export type Env = Readonly<Record<string, string | undefined>>;

const ENTRY = resolve(__dirname, '../../dist/cli/main.js');

/** Only what most tests are about, so that an estate can be as it should be. */
export const MAIN = {
  HOLDFAST_REMEDIATORS:
    'vault-logging=off,vault-readers=off,vault-least-privilege=off,workflow-managed-identity=off,workflow-secret-exposure=off',
};

/**
 * What AzureCliCredential runs, and answers as Azure CLI does: `account get-access-token` and `account show`, with their
 * outputs as https://learn.microsoft.com/cli/azure/account has them, tokens from the simulator.
 */
const AZ = `
const { readFileSync } = require('node:fs');
const { join } = require('node:path');
const [group, command, ...rest] = process.argv.slice(2);
const options = {};
for (let i = 0; i < rest.length; i += 2) options[rest[i]] = rest[i + 1];
const { as, tenantId, isExpired, hasNoSubscription, control, subscription } = JSON.parse(
  readFileSync(join(__dirname, 'az.json'), 'utf8'),
);
function fail(text) { console.error(text); process.exit(1); }
if (group !== 'account' || options['--output'] !== 'json') fail('ERROR: az ' + group + ' ' + command + ' is not known here');
if (as === null) fail("ERROR: Please run 'az login' to setup account.");
if (command === 'show') {
  if (hasNoSubscription) fail("ERROR: Please run 'az login' to setup account.");
  console.log(JSON.stringify({ environmentName: 'AzureCloud', id: subscription, isDefault: true, name: 'Test', state: 'Enabled', tenantId, user: { name: as, type: 'user' } }));
} else if (command === 'get-access-token') {
  if (isExpired) fail('ERROR: AADSTS700082: The refresh token has expired due to inactivity. The token was issued on 2026-01-01 and was inactive for 90.00:00:00.\\nInteractive authentication is needed. Please run:\\naz login --scope ' + options['--resource'] + '/.default');
  const asked = { as, audience: options['--resource'], tenantId: options['--tenant'] ?? tenantId };
  fetch(control + '/token', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(asked) })
    .then(async (answer) => {
      const { token } = await answer.json();
      const expires = Math.floor(Date.now() / 1000) + 3600;
      console.log(JSON.stringify({ accessToken: token, expiresOn: new Date(expires * 1000).toISOString().slice(0, 19).replace('T', ' ') + '.000000', expires_on: expires, subscription, tenant: asked.tenantId, tokenType: 'Bearer' }));
    })
    .catch(() => fail('ERROR: no answer'));
} else fail('ERROR: az account ' + command + ' is not known here');
`;

export async function startLaptop(options: SimulatorOptions = {}): Promise<Laptop> {
  const simulator = await startSimulator({ subscriptions: [SUBSCRIPTION], ...options });
  const bin = mkdtempSync(join(tmpdir(), 'laptop-az-'));
  const home = mkdtempSync(join(tmpdir(), 'laptop-home-'));
  const directory = join(home, 'holdfast');
  writeFileSync(join(bin, 'az'), `#!${process.execPath}\n${AZ}`);
  chmodSync(join(bin, 'az'), 0o755);
  const setAz = (az: AzState): Env => {
    const known = { tenantId: simulator.tenantId, control: simulator.controlUrl, subscription: SUBSCRIPTION };
    writeFileSync(join(bin, 'az.json'), JSON.stringify({ ...known, ...az }));
    return {};
  };
  setAz({ as: 'alice@contoso.com' });
  const start = (args: readonly string[], env: Env = {}): Running => {
    const child = spawn(process.execPath, [ENTRY, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: bin,
        HOME: home,
        AZURE_RESOURCE_MANAGER_URL: simulator.url,
        NODE_EXTRA_CA_CERTS: simulator.certificatePath,
        XDG_STATE_HOME: home,
        ...env,
      },
    });
    return { child, ended: endOf(child) };
  };
  return {
    simulator,
    state: directory,
    setAz,
    start,
    holdfast: (args, env) => start(args, env).ended,
    records: async () => (await createAuditLog(readStateDirectory(directory)).query({ limit: 1000 })).records,
    close: () => simulator.close(),
  };
}

async function endOf(child: ChildProcess): Promise<Run> {
  const [out, err]: [Buffer[], Buffer[]] = [[], []];
  child.stdout?.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr?.on('data', (chunk: Buffer) => err.push(chunk));
  const status = await new Promise<number | null>((done) => child.on('close', done));
  return { status, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() };
}

export function removeState({ state }: Laptop): void {
  rmSync(state, { recursive: true, force: true });
}

/** What befalls the next write of a vault. */
export function troubleWriting({ simulator }: Laptop, vault: string, action: FaultAction): void {
  simulator.azure.faults.add({ endpoint: 'arm', method: 'PATCH', path: `*${vault}*`, times: 1, action });
}
