/**
 * Makes what is deployed: `dist/main.js`, which registers the functions, and `dist/functions/index.js`, which it loads
 * when the first of them runs and which holds everything else, but for `dist/functions/export-telemetry.js`, which is for
 * those who have Application Insights, and for `dist/dashboard/`, what the dashboard's page is made of. And the command
 * line, `dist/cli/main.js`, with what its commands load (src/cli/load.ts) beside it. docs/decisions/ has why there are
 * several.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));

/** The library comes from the app's own node_modules and the core from the host; neither is ours to ship. */
const GIVEN = ['@azure/functions', '@azure/functions-core'];

/** Of the command line, what is loaded when a command needs it. */
const CLI_PARTS = ['offline', 'online'];

const options = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node22',
  format: 'cjs',
  // Whatever is loaded later is required, so that a host that forgets the app forgets all of it.
  supported: { 'dynamic-import': false },
  // Some packages' other build hides what it requires (UMD).
  mainFields: ['module', 'main'],
  // Packages go by their names, wherever node_modules really is.
  preserveSymlinks: true,
  sourcemap: true,
  sourcesContent: false,
  legalComments: 'linked',
  metafile: true,
  logLevel: 'warning',
};

rmSync(`${root}/dist`, { recursive: true, force: true });
const builds = await Promise.all([
  build({
    ...options,
    entryPoints: ['src/main.ts'],
    outfile: 'dist/main.js',
    external: [...GIVEN, './functions/index.js'],
  }),
  build({
    ...options,
    entryPoints: ['src/functions/index.ts'],
    outfile: 'dist/functions/index.js',
    external: [...GIVEN, './export-telemetry.js'],
  }),
  build({
    ...options,
    entryPoints: ['src/telemetry/export-telemetry.ts'],
    outfile: 'dist/functions/export-telemetry.js',
    external: GIVEN,
    // Its packages ask where they are as ES modules do; here that is this file.
    define: { 'import.meta.url': 'fileUrl' },
    banner: { js: "const fileUrl = require('node:url').pathToFileURL(__filename).href;" },
    // Where it is loaded at all, by people who look at traces and not at this file.
    minifySyntax: true,
    minifyWhitespace: true,
  }),
  build({
    ...options,
    entryPoints: ['src/cli/main.ts'],
    outfile: 'dist/cli/main.js',
    external: CLI_PARTS.map((part) => `./${part}.js`),
  }),
  ...CLI_PARTS.map((part) =>
    build({ ...options, entryPoints: [`src/cli/${part}.ts`], outfile: `dist/cli/${part}.js` }),
  ),
  // The dashboard's page: the function sends its parts as one document.
  build({
    absWorkingDir: root,
    bundle: true,
    platform: 'browser',
    target: 'es2023',
    format: 'esm',
    entryPoints: ['src/dashboard/main.ts', 'src/dashboard/page.css'].map((part) => ({
      in: part,
      out: 'page',
    })),
    outdir: 'dist/dashboard',
    minify: true,
    metafile: true,
    logLevel: 'warning',
  }),
]);
const outputs = Object.assign({}, ...builds.map(({ metafile }) => metafile.outputs));
// For the test that looks at what is in it.
mkdirSync(`${root}/.build`, { recursive: true });
writeFileSync(`${root}/.build/bundle.json`, `${JSON.stringify({ outputs }, null, 1)}\n`);
