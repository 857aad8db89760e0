import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { parseTemplate } from '../../../src/workflow/expression.js';
import { assignedIn } from '../../../src/workflow/plaintext/assignments.js';
import {
  CREDENTIAL_FORMATS,
  type CredentialFormat,
} from '../../../src/workflow/plaintext/credential-formats.js';
import { isFiller, looksLikeCredential } from '../../../src/workflow/plaintext/credential-value.js';
import { literalPartsOf } from '../../../src/workflow/plaintext/literal-parts.js';
import { tellingName } from '../../../src/workflow/plaintext/telling-name.js';
import { holdsAlone } from '../../../src/workflow/plaintext/text-alone.js';
import { TOKEN_RULES } from '../../../src/workflow/plaintext/token-rules.js';
import { FAKE } from './fake-secrets.js';

/** Whether anything would be found in a text, each rule asked about each of its parts. */
function isFound(text: string): boolean {
  const { texts, named } = literalPartsOf(parseTemplate(text));
  return (
    texts.some((part) => CREDENTIAL_FORMATS.some((format) => isIn(part, format))) ||
    texts.some((part) =>
      TOKEN_RULES.some(({ find }) => find(part).some(({ secret }) => !isFiller(secret))),
    ) ||
    texts.some((part) => assignedIn(part) !== null) ||
    named.some(({ name, text: value }) => {
      const telling = tellingName(name);
      return telling !== null && looksLikeCredential(value, telling.demand);
    })
  );
}

function isIn(part: string, { pattern, near, accepts }: CredentialFormat): boolean {
  if (near !== undefined && (part.length > 400 || !near.test(part))) return false;
  return [...part.matchAll(pattern)].some((match) => {
    const secret = match.groups?.secret ?? match[0];
    return !isFiller(secret) && accepts?.(secret) !== false;
  });
}

describe('a text is passed over', () => {
  test.each([
    ['that is a word', 'Succeeded'],
    ['that is a path', '/v3/alerts'],
    ['that takes a value out of a body', "@body('Get_secret')?['properties']"],
    ['that puts values together', "@{variables('a')}-@{outputs('b')}"],
    ['that compares a value that is not called a secret', "@equals(item()?['status'], 'Active1234')"],
  ])('%s', (_, text) => {
    expect(holdsAlone(text)).toBe(false);
  });
});

describe('a text is told', () => {
  const secret = FAKE.key64();
  test.each([
    ['that has a secret in it', secret],
    ['of which the parts make one', `@concat('${secret.slice(0, 40)}', '${secret.slice(40)}')`],
    [
      'of which the parts make one that has a mark where they meet',
      "@concat('https:/', '/user:', 'pass', 'word1', '@host')",
    ],
    ['that assigns one', 'client_secret: "abcD1234efgh5678"'],
    ['that gives one a name', "@setProperty(body('a'), 'password', 'hunter2x')"],
    ['that compares one', "@equals(triggerOutputs()['headers']['x-api-key'], 'abcD1234efgh5678')"],
  ])('%s', (_, text) => {
    expect(holdsAlone(text)).toBe(true);
  });
});

describe('no text is passed over in which something is found', () => {
  const secrets = Object.values(FAKE).map((make) => make());
  const piece = fc.oneof(
    fc.constantFrom(...secrets),
    fc.constantFrom(...secrets).chain((text) => fc.nat(text.length).map((at) => text.slice(0, at))),
    fc.constantFrom(...secrets).chain((text) => fc.nat(text.length).map((at) => text.slice(at))),
    fc.constantFrom('password', 'api_key', 'x-api-key', 'client.secret', 'to', 'ken', 'pass', 'word'),
    fc.constantFrom(
      '=',
      ': ',
      '":"',
      '<',
      '>',
      '&',
      '?code=',
      '://u:',
      '@h',
      ' ',
      'Bearer ',
      'hunter2x',
      'host=',
    ),
    fc.string({ maxLength: 4 }),
  );
  const written = fc.array(piece, { maxLength: 4 }).map((pieces) => pieces.join(''));
  const literal = written.map((text) => `'${text.replaceAll("'", "''")}'`);
  const call = fc
    .tuple(
      fc.constantFrom(
        'concat',
        'equals',
        'setProperty',
        'base64',
        'toUpper',
        'coalesce',
        'body',
        'replace',
        'if',
      ),
      fc.array(fc.oneof(literal, fc.constant("item()?['password']")), { maxLength: 3 }),
    )
    .map(([name, args]) => `${name}(${args.join(', ')})`);
  const nested = fc.tuple(call, call).map(([a, b]) => `concat(${a}, ${b})`);
  const expression = fc.oneof(call, nested);
  const text = fc.oneof(
    written,
    expression.map((inner) => `@${inner}`),
    fc.tuple(written, expression, written).map(([a, inner, b]) => `${a}@{${inner}}${b}`),
  );

  it('whatever it is made of', () => {
    fc.assert(
      fc.property(text, (made) => {
        if (!holdsAlone(made)) expect(isFound(made)).toBe(false);
      }),
      { numRuns: 5000 },
    );
  });
});
