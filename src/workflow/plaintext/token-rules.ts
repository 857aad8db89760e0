import { rules } from '@secretlint/secretlint-rule-preset-recommend';
import type { Match } from './recognised.js';

type Rule = (typeof rules)[number];
type Context = Parameters<Rule['create']>[0];
type Source = Parameters<NonNullable<ReturnType<Rule['create']>['file']>>[0];

const PREFIX = '@secretlint/secretlint-rule-';

/**
 * Rules of secretlint's recommended preset that are not asked. What they look for is in our own table, which
 * knows about expressions and stand-ins; `filter-comments` would let a text switch the others off, and `gcp`
 * reads files.
 */
const NOT_ASKED: ReadonlySet<string> = new Set(
  ['filter-comments', 'gcp', 'privatekey', 'basicauth', 'database-connection-string'].map(
    (name) => PREFIX + name,
  ),
);

/** What the tokens are called. A rule that is not here calls them tokens of what it is named for. */
const KINDS: ReadonlyMap<string, string> = new Map([
  ['1password', '1Password service account token'],
  ['anthropic', 'Anthropic API key'],
  ['aws', 'AWS secret access key'],
  ['cloudflare', 'Cloudflare token'],
  ['databricks', 'Databricks token'],
  ['docker', 'Docker Hub token'],
  ['figma', 'Figma token'],
  ['github', 'GitHub token'],
  ['gitlab', 'GitLab token'],
  ['grafana', 'Grafana token'],
  ['groq', 'Groq API key'],
  ['hashicorp-vault', 'HashiCorp Vault token'],
  ['huggingface', 'Hugging Face token'],
  ['linear', 'Linear API key'],
  ['notion', 'Notion token'],
  ['npm', 'npm token'],
  ['openai', 'OpenAI API key'],
  ['sendgrid', 'SendGrid API key'],
  ['shopify', 'Shopify token'],
  ['slack', 'Slack token or webhook URL'],
  ['stripe', 'Stripe API key'],
  ['tailscale', 'Tailscale key'],
  ['vercel', 'Vercel token'],
]);

/**
 * The tokens in a text that secretlint recognises. Its core is asynchronous; its rules for text are not, and are
 * driven here by what they are given: a context to report to, and a source. Nothing of a report but the place is
 * taken: its message holds the token.
 */
export function tokensIn(content: string): readonly Match[] {
  return rules
    .filter(({ meta }) => meta.type === 'scanner' && !NOT_ASKED.has(meta.id))
    .flatMap((rule) => reportsOf(rule, content));
}

function reportsOf(rule: Rule, content: string): readonly Match[] {
  const name = rule.meta.id.replace(PREFIX, '');
  const kind = KINDS.get(name) ?? `${name} token`;
  const found: Match[] = [];
  const context: Context = {
    sharedOptions: {},
    createTranslator: () => (messageId) => ({ message: '', messageId: String(messageId), data: undefined }),
    report: ({ range: [start, end] }) => found.push({ kind, start, secret: content.slice(start, end) }),
    ignore: () => undefined,
  };
  void rule.create(context, {}).file?.(sourceOf(content));
  return found;
}

function sourceOf(content: string): Source {
  const nowhere = { line: 1, column: 0 };
  return {
    content,
    hasBOM: false,
    filePath: undefined,
    physicalFilePath: undefined,
    contentType: 'text',
    ext: '',
    getFilePath: () => undefined,
    getPhysicalFilePath: () => undefined,
    locationToRange: () => [0, 0],
    rangeToLocation: () => ({ start: nowhere, end: nowhere }),
    positionToIndex: () => 0,
    indexToPosition: () => nowhere,
  };
}
