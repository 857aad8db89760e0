import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { chmod, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
/** Node.js runs TypeScript as it is. */
const AZ = `#!/bin/sh
exec '${process.execPath}' --disable-warning=ExperimentalWarning '${join(__dirname, 'fake-az.ts')}' "$@"
`;

/** The first block of commands under a heading of the installation guide. */
export function commandsOf(heading: string): string {
  const guide = readFileSync(join(__dirname, '../../docs/install.md'), 'utf8');
  const section = guide.split(/^## /m).find((text) => text.startsWith(`${heading}\n`));
  const block = /```sh\n([\s\S]*?)```/.exec(section ?? '')?.[1];
  if (block === undefined) throw new Error(`docs/install.md has no commands under ${heading}.`);
  return block;
}

/** Each placeholder in its commands must be there, so that a guide that was changed does not go by unread. */
export function filledIn(commands: string, values: Readonly<Record<string, string>>): string {
  return Object.entries(values).reduce((text, [placeholder, value]) => {
    if (!text.includes(placeholder)) throw new Error(`The commands have no ${placeholder}.`);
    return text.replaceAll(placeholder, value);
  }, commands);
}

export interface ShellResult {
  readonly output: string;
  /** What the commands complained about: a shell goes on after one that failed, as it does for whoever pastes them. */
  readonly complaints: string;
}

/** Runs commands in a real shell, with a real jq and an `az` that asks the simulator what Azure CLI asks ARM. */
export async function runGuide(
  commands: string,
  { controlUrl, subscription }: { readonly controlUrl: string; readonly subscription: string },
): Promise<ShellResult> {
  const folder = await mkdtemp(join(tmpdir(), 'guide-'));
  await writeFile(join(folder, 'az'), AZ);
  await chmod(join(folder, 'az'), 0o755);
  const env = {
    ...process.env,
    PATH: `${folder}${delimiter}${process.env.PATH ?? ''}`,
    CONTROL: controlUrl,
    AS: 'installer@contoso.com',
    SUBSCRIPTION_OF_AZ: subscription,
  };
  // The last command's failure is the shell's: it is among the complaints.
  const { stdout, stderr } = await run('bash', ['-c', `${commands}\ntrue`], { env });
  return { output: stdout, complaints: stderr };
}
