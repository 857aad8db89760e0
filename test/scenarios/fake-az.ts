import { execFile } from 'node:child_process';
import { chmod, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * An `az` that knows `az rest` alone, and sends what it is given to the simulator as somebody: so that what stands in an
 * answer is run by a real shell with a real jq.
 */
const SOURCE = `#!/usr/bin/env node
const { readFileSync, writeFileSync } = require('node:fs');
const [command, ...rest] = process.argv.slice(2);
if (command !== 'rest') { console.error('az ' + command + ' is not known here'); process.exit(2); }
const options = {};
for (let i = 0; i < rest.length; i += 2) options[rest[i].slice(2)] = rest[i + 1];
const url = new URL(options.url);
const body = options.body?.startsWith('@') ? readFileSync(options.body.slice(1), 'utf8') : options.body;
const head = JSON.stringify({ as: process.env.AS, method: options.method.toUpperCase(), path: url.pathname + url.search });
const text = body === undefined ? head : head.slice(0, -1) + ',"body":' + body + '}';
fetch(process.env.CONTROL + '/act', { method: 'POST', headers: { 'content-type': 'application/json' }, body: text })
  .then(async (answer) => {
    const said = await answer.text();
    if (!answer.ok) { console.error(said); process.exit(1); }
    const { status, body } = JSON.parse(said);
    if (status >= 400) { console.error(body); process.exit(1); }
    if (options['output-file'] !== undefined) writeFileSync(options['output-file'], body);
  });
`;

export interface ShellResult {
  readonly isDone: boolean;
  readonly complaint: string;
}

/** Runs commands in a shell whose `az` is the one above. */
export async function fakeAz(
  controlUrl: string,
  who: string,
): Promise<(commands: string, shell?: string) => Promise<ShellResult>> {
  const folder = await mkdtemp(join(tmpdir(), 'fake-az-'));
  await writeFile(join(folder, 'az'), SOURCE);
  await chmod(join(folder, 'az'), 0o755);
  const env = {
    ...process.env,
    PATH: `${folder}${delimiter}${process.env.PATH ?? ''}`,
    CONTROL: controlUrl,
    AS: who,
  };
  return async (commands, shell = 'sh') => {
    try {
      await run(shell, ['-c', commands], { env });
      return { isDone: true, complaint: '' };
    } catch (error) {
      return { isDone: false, complaint: String((error as { stderr?: unknown }).stderr) };
    }
  };
}
