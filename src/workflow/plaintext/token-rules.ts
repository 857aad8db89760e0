import { rules } from '@secretlint/secretlint-rule-preset-recommend';
import type { Marks } from './marks.js';
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

/** What a rule's tokens are called, and what is in each of them. */
type Known = readonly [kind: string, ...marks: string[]];

/** By the rule's name, as its patterns stand in the version of the preset that is installed. */
const KNOWN: ReadonlyMap<string, Known> = new Map<string, Known>([
  ['1password', ['1Password service account token', 'ops_ey']],
  ['anthropic', ['Anthropic API key', 'sk-ant-api0']],
  ['aws', ['AWS secret access key', 'accesskey', 'access_key']],
  ['cloudflare', ['Cloudflare token', 'cfk_', 'cfut_', 'cfat_']],
  ['databricks', ['Databricks token', 'dapi']],
  ['docker', ['Docker Hub token', 'dckr_pat_']],
  ['figma', ['Figma token', 'figd_']],
  ['github', ['GitHub token', 'ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_', 'github_pat_']],
  ['gitlab', ['GitLab token', 'glpat-']],
  ['grafana', ['Grafana token', 'glc_', 'glsa_']],
  ['groq', ['Groq API key', 'gsk_']],
  ['hashicorp-vault', ['HashiCorp Vault token', 'hvs.', 'hvb.', 'hvr.']],
  ['huggingface', ['Hugging Face token', 'hf_']],
  ['linear', ['Linear API key', 'lin_api_']],
  ['notion', ['Notion token', 'ntn_']],
  ['npm', ['npm token', 'npm_', '_authtoken=', 'x-oauth-basic@']],
  ['openai', ['OpenAI API key', 't3blbkfj']],
  ['sendgrid', ['SendGrid API key', 'sg.']],
  ['shopify', ['Shopify token', 'shppa_', 'shpca_', 'shpat_', 'shpss_']],
  [
    'slack',
    ['Slack token or webhook URL', 'xoxb-', 'xoxp-', 'xapp-', 'xoxa-', 'xoxo-', 'xoxr-', 'hooks.slack.com'],
  ],
  ['stripe', ['Stripe API key', 'sk_live_', 'sk_test_', 'rk_live_', 'rk_test_']],
  ['tailscale', ['Tailscale key', 'tskey-']],
  ['vercel', ['Vercel token', 'vcp_', 'vci_', 'vca_', 'vcr_', 'vck_']],
]);

/** One of secretlint's rules, as `recognised.ts` asks it. */
export interface TokenRule {
  readonly name: string;
  readonly marks: Marks;
  readonly find: (content: string) => readonly Match[];
}

/**
 * The rules for tokens. Secretlint's core is asynchronous; its rules for text are not, and are driven here by what they
 * are given: a context to report to, and a source. Nothing of a report but the place is taken: its message holds the
 * token.
 */
export const TOKEN_RULES: readonly TokenRule[] = rules
  .filter(({ meta }) => meta.type === 'scanner' && !NOT_ASKED.has(meta.id))
  .map((rule) => {
    const name = rule.meta.id.replace(PREFIX, '');
    // A rule that is not known here is asked about every text: it has the empty mark.
    const [kind, ...marks] = KNOWN.get(name) ?? [`${name} token`, ''];
    return { name, marks, find: (content) => reportsOf(rule, kind, content) };
  });

function reportsOf(rule: Rule, kind: string, content: string): readonly Match[] {
  const found: Match[] = [];
  const context: Context = {
    sharedOptions: {},
    createTranslator: () => (messageId) => ({ message: '', messageId: String(messageId), data: undefined }),
    report: ({ range: [start, end] }) => found.push({ kind, secret: content.slice(start, end) }),
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
