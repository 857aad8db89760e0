import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { workflowPlaintextSecrets } from '../../src/remediators/workflow-plaintext-secrets.js';
import type { Json, JsonObject } from '../../src/types/json.js';
import type { WorkflowDocument } from '../../src/types/observation.js';
import { readCorpus } from '../workflow/corpus-workflows.js';
import { ALPHANUMERIC, BASE64, FAKE, fake } from '../workflow/plaintext/fake-secrets.js';
import { observeWorkflow } from '../workflow/workflow-observation.js';
import { httpAction, workflowOf, type WorkflowParts } from '../workflow/workflow-of.js';

const ID =
  '/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/rg/providers/Microsoft.Logic/workflows/w';

const planOf = (workflow: WorkflowDocument) =>
  workflowPlaintextSecrets.plan(observeWorkflow({ ...workflow, id: ID }));
const findingsOf = (parts: WorkflowParts) => planOf(workflowOf(parts)).findings;
const compose = (inputs: Json): WorkflowParts => ({ actions: { A: { type: 'Compose', inputs } } });
const INPUTS = '/properties/definition/actions/A/inputs';

describe('workflow-plaintext-secrets', () => {
  it('compliant: nothing but expressions', () => {
    const authentication = { type: 'Basic', username: 'joe', password: "@body('Get_secret')?['value']" };
    const plan = planOf(
      workflowOf({ actions: { A: httpAction({ uri: 'https://contoso.com', authentication }) } }),
    );
    expect(plan).toEqual({ edits: [], warnings: [], refusals: [], findings: [] });
  });

  it('a credential that is known by its looks is high', () => {
    expect(findingsOf(compose({ note: FAKE.storageKey() }))).toEqual([
      {
        severity: 'high',
        about: `${INPUTS}/note`,
        reason: `${INPUTS}/note holds a secret in plain text: storage account key.`,
        step: "Put it into a key vault, and read it there with the workflow's managed identity in an action with secure outputs, or pass it in a secure parameter that has no default. Then regenerate it where it comes from: whoever may read the workflow, its earlier versions or its runs has seen it.",
      },
    ]);
  });

  it('what only its name says is a secret is medium', () => {
    expect(findingsOf(compose({ password: FAKE.password() }))).toEqual([
      expect.objectContaining({
        severity: 'medium',
        about: `${INPUTS}/password`,
        reason: `${INPUTS}/password holds what by its name is a secret, in plain text: password.`,
      }),
    ]);
  });

  test.each([
    ['a password is changed', FAKE.basic(), 'Basic ', 'Then change it'],
    ['a SAS is revoked', FAKE.sasUrl(), '', 'Then revoke it'],
    ['a client secret is replaced', FAKE.clientSecret(), '', 'delete this one from the app registration'],
    ['a callback URL gets another key', FAKE.callbackUrl(), '', 'access key of the workflow that it calls'],
    ['a webhook is made anew', FAKE.teamsUrl(), '', 'delete the webhook'],
  ])('%s', (_, text, before, step) => {
    expect(findingsOf(compose(before + text)).map((finding) => finding.step)).toEqual([
      expect.stringContaining(step),
    ]);
  });

  it('a place that two detectors know is one finding', () => {
    const findings = findingsOf(compose({ apiKey: FAKE.github() }));
    expect(findings.map(({ about, severity }) => [about, severity])).toEqual([[`${INPUTS}/apiKey`, 'high']]);
  });

  it('names are escaped in pointers', () => {
    expect(findingsOf(compose({ 'a/b~c': { password: 'hunter22' } })).map(({ about }) => about)).toEqual([
      `${INPUTS}/a~1b~0c/password`,
    ]);
  });

  it('very many are named a hundred at a time, what is known by its looks first', () => {
    const texts = [
      ...Array.from({ length: 140 }, (_, i) => ({ password: `hunter${i}!` })),
      { note: FAKE.github() },
    ];
    const findings = findingsOf(compose(texts));
    expect(findings).toHaveLength(101);
    expect(findings[0]).toMatchObject({ about: `${INPUTS}/140/note`, severity: 'high' });
    expect(findings.at(-1)).toMatchObject({
      about: '/properties',
      reason: expect.stringMatching(/^41 more/) as string,
    });
  });

  it('writes nothing', () => {
    expect(workflowPlaintextSecrets.permissions).toEqual({
      read: ['Microsoft.Logic/workflows/read'],
      write: [],
    });
  });
});

describe('no finding tells of the secret', () => {
  type Shape = (drawn: string) => readonly [text: string, secret: string];
  const shapes: readonly Shape[] = [
    (drawn) => [`ghp_${drawn.slice(0, 36)}`, drawn.slice(0, 36)],
    (drawn) => [
      `Endpoint=sb://n/;SharedAccessKeyName=R;SharedAccessKey=${drawn.slice(0, 43)}=`,
      drawn.slice(0, 43),
    ],
    (drawn) => [`AccountName=a;AccountKey=${drawn.slice(0, 86)}==`, drawn.slice(0, 86)],
    (drawn) => [`https://a.blob.core.windows.net/c?sr=c&sig=${drawn.slice(0, 43)}%3D`, drawn.slice(0, 43)],
    (drawn) => [`https://f.azurewebsites.net/api/x?code=${drawn.slice(0, 54)}==`, drawn.slice(0, 54)],
    (drawn) => [`amqps://user:${drawn.slice(0, 20)}@host`, drawn.slice(0, 20)],
    (drawn) => [`Bearer ${drawn.slice(0, 40)}`, drawn.slice(0, 40)],
    (drawn) => [`Server=s;User ID=u;Password=${drawn.slice(0, 16)};`, drawn.slice(0, 16)],
    (drawn) => [`abc8Q~${drawn.slice(0, 34)}`, drawn.slice(0, 34)],
    (drawn) => [`{"user":"u","password":"${drawn.slice(0, 16)}"}`, drawn.slice(0, 16)],
    (drawn) => [`const apiKey = '${drawn.slice(0, 32)}';`, drawn.slice(0, 32)],
    (drawn) => [`@concat('Bearer ', '${drawn.slice(0, 40)}')`, drawn.slice(0, 40)],
    (drawn) => [`@{base64('u:${drawn.slice(0, 20)}')}`, drawn.slice(0, 20)],
    (drawn) => [drawn.slice(0, 32), drawn.slice(0, 32)],
  ];
  const places: readonly ((text: string) => WorkflowParts)[] = [
    (text) => compose({ deep: [{ er: { password: text } }] }),
    (text) => ({
      actions: {
        A: httpAction({
          uri: text,
          headers: { Authorization: text },
          authentication: { type: 'Raw', value: text },
        }),
      },
    }),
    (text) => ({
      actions: {
        S: {
          type: 'Scope',
          actions: {
            A: {
              type: 'InitializeVariable',
              inputs: { variables: [{ name: 'clientSecret', type: 'string', value: text }] },
            },
          },
        },
      },
    }),
    (text) => ({
      declared: { 'api-key': { type: 'SecureString', defaultValue: text } },
      given: { token: { value: { password: text } } },
    }),
    (text) => ({
      triggers: { T: { type: 'Request', conditions: [{ expression: text }], description: text } },
    }),
    (text) =>
      compose({
        [`ghp_${text
          .replaceAll(/[^A-Za-z\d]/g, 'x')
          .padEnd(36, 'a1B2')
          .slice(0, 36)}`]: { password: text },
      }),
  ];
  const drawn = fc.string({
    unit: fc.constantFrom(...Array.from(ALPHANUMERIC)),
    minLength: 90,
    maxLength: 90,
  });

  it('nor of any six characters of it', () => {
    let seen = 0;
    fc.assert(
      fc.property(
        drawn,
        fc.constantFrom(...shapes),
        fc.constantFrom(...places),
        (characters, shape, place) => {
          const [text, secret] = shape(characters);
          const findings = findingsOf(place(text));
          const said = JSON.stringify(findings);
          for (let i = 0; i + 6 <= secret.length; i += 1) expect(said).not.toContain(secret.slice(i, i + 6));
          if (findings.length > 0) seen += 1;
        },
      ),
      { numRuns: 500 },
    );
    expect(seen).toBeGreaterThan(250);
  });

  it('nor how long it is', () => {
    const said = (length: number) => JSON.stringify(findingsOf(compose({ apiKey: fake(length, BASE64) })));
    expect(said(30)).toBe(said(77));
  });
});

/** Published playbooks, beside the repository where there are any. */
const CORPUS = resolve(__dirname, '../../../shared/corpus');

/** What a template would put where its expressions are, by the kind of thing that belongs there. */
const FILLED = {
  'a name': 'CrowdStrike-ClientSecret',
  'an address': 'https://kv1.vault.azure.net/secrets/graph/',
  'a secret': fake(32),
} as const;

/**
 * Reviewed by hand: the files in which something looks as if it held a secret, what that is, what belongs where
 * the template's expressions are, and how many places hold a secret once that is there.
 */
const HINTS: readonly (readonly [
  file: string,
  what: string,
  filled: keyof typeof FILLED,
  secrets: number,
])[] = [
  ['006', "not a secret: a secure parameter's default is the name of a secret", 'a name', 0],
  ['008', 'not a secret: the variable ClientSecret names a secret, the header is an expression', 'a name', 0],
  ['013', 'not a secret: two parameters are the addresses of secrets', 'an address', 0],
  ['023', 'a placeholder: ADD YOUR OWN VALUE in two variables', 'a secret', 0],
  ['024', 'a placeholder, true once deployed: the secret of an app in authentication', 'a secret', 1],
  ['025', 'placeholders, true once deployed: fourteen secrets of an app and two defaults', 'a secret', 16],
  ['029', 'not a secret: two parameters are the addresses of secrets', 'an address', 0],
  ['032', 'not a secret: two variables hold the names of secrets', 'a name', 0],
  ['034', 'not a secret: a parameter is the address of a secret', 'an address', 0],
];

describe.skipIf(!existsSync(CORPUS))('published playbooks', () => {
  const corpus = existsSync(CORPUS) ? readCorpus(CORPUS) : [];
  const workflowsOf = (number: string) =>
    corpus.filter(({ file }) => file.startsWith(number)).flatMap(({ workflows }) => workflows);

  it('hold no secret, and none is seen: no false alarm', () => {
    const workflows = corpus.flatMap(({ workflows: all }) => all);
    expect(workflows).toHaveLength(42);
    expect(workflows.flatMap((workflow) => planOf(workflow).findings)).toEqual([]);
  });

  test.each(HINTS)('%s: %s', (number, _what, filled, secrets) => {
    const workflows = workflowsOf(number).map(
      (workflow) =>
        JSON.parse(JSON.stringify(workflow).replaceAll('"@item()"', `"${FILLED[filled]}"`)) as JsonObject,
    );
    expect(workflows.flatMap((workflow) => planOf(workflow).findings)).toHaveLength(secrets);
  });

  it('in which a secure value is given as an object hold it open', () => {
    const [workflow] = workflowsOf('027');
    const filled = JSON.parse(
      JSON.stringify(workflow).replaceAll('"@item()"', `"${fake(32)}"`),
    ) as JsonObject;
    expect(planOf(filled).findings.map(({ about }) => about)).toEqual([
      '/properties/parameters/keyVault/value/secrets/value',
    ]);
  });
});
