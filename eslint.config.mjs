import tseslint from 'typescript-eslint';

/** What each folder under src/ may import: the dependency direction of docs/architecture.md, held here. */
const layers = {
  types: [],
  settings: ['types'],
  vault: ['types'],
  workflow: ['types'],
  remediators: ['types', 'vault', 'workflow'],
  telemetry: ['types'],
  engine: ['types', 'vault', 'workflow', 'remediators', 'telemetry'],
  template: ['types', 'vault', 'workflow', 'remediators', 'engine'],
  azure: ['types', 'engine', 'telemetry'],
  delivery: ['types', 'engine'],
  state: ['types', 'engine', 'delivery'],
  wiring: ['types', 'engine', 'azure', 'state', 'settings'],
  http: ['types', 'app'],
  functions: ['types', 'app', 'http', 'telemetry'],
  // A way in, and for want of a deployed app a composition root, too.
  cli: [
    ...['types', 'vault', 'workflow', 'remediators', 'engine', 'template'],
    ...['azure', 'state', 'delivery', 'telemetry', 'app', 'settings', 'wiring'],
  ],
  // The page is a program of its own: it knows the app by its answers alone.
  dashboard: ['types'],
};
const folders = Object.keys(layers);

/** Packages that do I/O or hold state: nothing that decides may reach for them. */
const io = ['@azure/*', 'node:*', 'fs', 'fs/*', 'http', 'https', 'net', 'child_process', 'crypto', 'process'];
const pure = ['types', 'vault', 'workflow', 'remediators', 'template'];

/** What runs in the browser turns no text into markup, keeps the key nowhere, and asks nobody but the app. */
const pageRules = {
  files: ['src/dashboard/**/*.ts'],
  rules: {
    'no-restricted-globals': [
      'error',
      ...[
        'localStorage',
        'indexedDB',
        'caches',
        'eval',
        'WebSocket',
        'XMLHttpRequest',
        'DOMParser',
        'process',
      ],
    ],
    'no-restricted-properties': [
      'error',
      ...[
        'innerHTML',
        'outerHTML',
        'insertAdjacentHTML',
        'setHTMLUnsafe',
        'createContextualFragment',
        'srcdoc',
      ].map((property) => ({ property, message: 'Text is never markup: make elements with h and s.' })),
      { object: 'document', property: 'write', message: 'Text is never markup: make elements with h and s.' },
      { object: 'document', property: 'cookie', message: 'The key is kept in no cookie.' },
      { object: 'window', property: 'open', message: 'Links are made with h, which looks where they lead.' },
    ],
  },
};

const layerRules = folders.map((folder) => ({
  files: [`src/${folder}/**/*.ts`],
  rules: {
    'no-restricted-imports': [
      'error',
      {
        patterns: [
          {
            group: [
              ...[...folders, 'app']
                .filter((other) => other !== folder && !layers[folder].includes(other))
                // The app is a file; a function may have the name of a folder.
                .flatMap((other) => [
                  `**/${other}`,
                  `**/${other}/**`,
                  ...(folders.includes(other) ? [] : [`**/${other}.js`]),
                ]),
              '**/simulator/**',
              '**/local-host/**',
              '**/test/**',
              '!@azure/functions',
              // A neighbour may have the name of a folder.
              '!./*.js',
            ],
            message: `src/${folder} may import only ${layers[folder].join(', ') || 'nothing of ours'}.`,
          },
          ...(pure.includes(folder)
            ? [
                {
                  group: io,
                  message: `src/${folder} decides; it does no I/O and knows no clock or environment.`,
                },
              ]
            : []),
        ],
      },
    ],
    ...(pure.includes(folder)
      ? {
          'no-restricted-globals': [
            'error',
            ...['process', 'globalThis', 'global', 'fetch', 'crypto', 'performance', 'Intl'],
            ...['setTimeout', 'setInterval', 'setImmediate'],
          ],
          'no-restricted-syntax': [
            'error',
            {
              selector: "NewExpression[callee.name='Date'][arguments.length=0]",
              message: 'The time is given, not read.',
            },
            {
              selector: "CallExpression[callee.object.name='Date'][callee.property.name='now']",
              message: 'The time is given, not read.',
            },
            {
              selector: "CallExpression[callee.object.name='Math'][callee.property.name='random']",
              message: 'A decision is the same every time.',
            },
          ],
        }
      : {}),
  },
}));

/** What is loaded when the app starts, before any of its functions runs. */
const startRules = {
  files: ['src/main.ts', 'src/sweep-schedule.ts', 'src/ncrontab.ts'],
  rules: {
    '@typescript-eslint/no-restricted-imports': [
      'error',
      {
        patterns: [
          {
            regex: '^(?!(?:@azure/functions|\\./(?:sweep-schedule|ncrontab)\\.js)$)',
            allowTypeImports: true,
            message: 'src/main.ts loads nothing before a function runs: import it there.',
          },
        ],
      },
    ],
  },
};

export default tseslint.config(
  { ignores: ['dist', '.build', 'node_modules', 'coverage'] },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        projectService: { allowDefaultProject: ['eslint.config.mjs', 'scripts/*.mjs', 'bin/*.mjs'] },
      },
    },
    rules: {
      eqeqeq: ['error', 'always'],
      'no-console': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
    },
  },
  ...layerRules,
  startRules,
  pageRules,
  { files: ['**/*.mjs'], ...tseslint.configs.disableTypeChecked },
  {
    files: ['simulator/**', 'local-host/**', 'demo/**', 'bench/**', 'chaos/**', 'scripts/**', 'test/**'],
    rules: { 'no-console': 'off' },
  },
);
