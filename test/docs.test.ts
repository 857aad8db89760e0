import { execFile } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

/*
 * What the documents have people paste into a shell.
 */

const ROOT = join(__dirname, '..');
const DOCUMENTS = ['README.md', ...globSync('docs/**/*.md', { cwd: ROOT })];
const SECRET = /\$\{?(?:KEY|MASTER|READER|TOKEN|HOLDFAST_KEY)\b/;

/** Commands of a document, a line that goes on joined to the one before it. */
function commandsIn(document: string): readonly string[] {
  const blocks = readFileSync(join(ROOT, document), 'utf8').matchAll(/```sh\n([\s\S]*?)```/g);
  return [...blocks].flatMap(([, block = '']) => block.replace(/([\\|])\n\s*/g, '$1 ').split('\n'));
}

/** The programs of a command, each with its arguments; those of the shell itself show in no list of processes. */
function programsOf(command: string): readonly string[] {
  return command
    .split(/[|{;]/)
    .map((part) => part.trim())
    .filter((part) => !/^(?:printf|[A-Z_]+=)/.test(part));
}

describe('a command in a document', () => {
  it.each(DOCUMENTS)('has no key on its command line, where every process sees it: %s', (document) => {
    const exposed = commandsIn(document).filter((command) =>
      programsOf(command).some((program) => SECRET.test(program)),
    );
    expect(exposed).toEqual([]);
  });

  it('is seen by this test where it has one', () => {
    const seen = (command: string): boolean => programsOf(command).some((program) => SECRET.test(program));
    expect(seen('curl https://example.org -H "x-functions-key: $KEY"')).toBe(true);
    expect(seen('az functionapp function keys set --key-value "$READER"')).toBe(true);
    expect(seen(`printf 'x-functions-key: %s' "$KEY" | curl -H @- https://example.org`)).toBe(false);
  });

  it('of the README sends the key in a header, with what is sent besides', async () => {
    const asked: { headers: IncomingHttpHeaders; body: string; url: string }[] = [];
    const server = createServer((request, response) => {
      let body = '';
      request.on('data', (part: Buffer) => (body += part.toString()));
      request.on('end', () => {
        asked.push({ headers: request.headers, body, url: request.url ?? '' });
        response.end('{}');
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const [section = ''] = readFileSync(join(ROOT, 'README.md'), 'utf8').split('## Ask it\n').slice(1);
    const block = /```sh\n([\s\S]*?)```/.exec(section)?.[1] ?? '';
    const commands = block.replaceAll('https://$APP.azurewebsites.net', `http://127.0.0.1:${port}`);
    const env = { ...process.env, KEY: 'a-key', RECORD: 'r', WORKFLOW: 'w', VAULT: 'v' };
    try {
      await promisify(execFile)('bash', ['-e', '-c', commands], { env });
    } finally {
      server.close();
    }
    expect(asked).toHaveLength(block.match(/^ask /gm)?.length ?? 0);
    expect(asked.length).toBeGreaterThan(10);
    for (const { headers, url } of asked) {
      expect(headers['x-functions-key']).toBe('a-key');
      expect(url).not.toContain('a-key');
    }
    expect(JSON.parse(asked[0]?.body ?? '')).toMatchObject({ dryRun: true });
  });
});
