import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { chromium as playwright, type Browser } from 'playwright-core';

const BUILD = join(process.cwd(), '.build');

/**
 * What this machine needs to run it as whoever it is; unlike the package's own flags, none of them takes a guard away
 * that a page has in a browser.
 */
const FLAGS = ['--no-sandbox', '--no-zygote', '--headless=shell', '--font-render-hinting=none'];

/** Starts the Chromium of the package `@sparticuz/chromium`: whoever installs the app's own packages has a browser. */
export async function startChromium(): Promise<Browser> {
  const executablePath = await unpacked();
  const launch = (env: Readonly<Record<string, string>>): Promise<Browser> =>
    playwright.launch({ executablePath, args: FLAGS, env: { ...ownEnvironment(), ...env } });
  try {
    return await launch({});
  } catch (error) {
    if (!String(error).includes('error while loading shared libraries')) throw error;
    // The libraries that come with it, where the machine has none.
    return launch({ LD_LIBRARY_PATH: join(dirname(executablePath), 'al2023', 'lib') });
  }
}

/** Where it lies unpacked: made whole in one step, however many ask for it at once, or are killed while they do. */
async function unpacked(): Promise<string> {
  const { version } = JSON.parse(
    readFileSync(join(process.cwd(), 'node_modules/@sparticuz/chromium/package.json'), 'utf8'),
  ) as { readonly version: string };
  const folder = join(BUILD, `chromium-${version}`);
  if (!existsSync(folder)) await unpackInto(folder);
  return join(folder, 'chromium');
}

async function unpackInto(folder: string): Promise<void> {
  mkdirSync(BUILD, { recursive: true });
  const fresh = mkdtempSync(`${folder}-`);
  // The package unpacks into the directory for temporary files, and takes what lies there for whole: it gets its own.
  const environment = { ...process.env, TMPDIR: fresh };
  await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', UNPACK], {
    env: environment,
  });
  try {
    renameSync(fresh, folder);
  } catch {
    // Somebody else was sooner.
    rmSync(fresh, { recursive: true, force: true });
  }
}

const UNPACK = `
  import chromium, { inflate } from '@sparticuz/chromium';
  await chromium.executablePath();
  await inflate('node_modules/@sparticuz/chromium/bin/al2023.tar.br');
`;

function ownEnvironment(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}
