import { rules } from '@secretlint/secretlint-rule-preset-recommend';
import { describe, expect, it, test } from 'vitest';
import { version } from '@secretlint/secretlint-rule-preset-recommend/package.json';
import { TOKEN_RULES } from '../../../src/workflow/plaintext/token-rules.js';
import { FAKE, fake } from './fake-secrets.js';

/** A text that each rule of the preset reports, by the rule's name. */
const REPORTED: Readonly<Record<string, string>> = {
  anthropic: FAKE.anthropic(),
  aws: `AWS_SECRET_ACCESS_KEY=${fake(40)}`,
  cloudflare: `cfut_${fake(40)}${fake(8, '0123456789abcdef')}`,
  databricks: `dapi${fake(32, '0123456789abcdef')}`,
  docker: `dckr_pat_${fake(27)}`,
  figma: `figd_${fake(40)}`,
  github: FAKE.github(),
  gitlab: FAKE.gitlab(),
  grafana: `glsa_${fake(32)}_${fake(8, '0123456789abcdef')}`,
  groq: `gsk_${fake(52)}`,
  'hashicorp-vault': `hvs.${fake(95)}`,
  huggingface: `hf_${fake(34, 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJ')}`,
  linear: `lin_api_${fake(40)}`,
  notion: `ntn_${fake(11, '0123456789')}${fake(35)}`,
  npm: FAKE.npm(),
  openai: FAKE.openai(),
  sendgrid: FAKE.sendgrid(),
  shopify: `shpat_${fake(32)}`,
  slack: FAKE.slack(),
  stripe: FAKE.stripe(),
  tailscale: `tskey-auth-${fake(16)}-${fake(32)}`,
  vercel: `vcp_${fake(24)}`,
};

/** Not asked, or (1Password) not to be made up in a line: its token is a whole document. */
const OTHERS = [
  '1password',
  'basicauth',
  'database-connection-string',
  'filter-comments',
  'gcp',
  'privatekey',
];

/** What all of them find, whatever marks a text has. */
const tokensIn = (content: string) => TOKEN_RULES.flatMap(({ find }) => find(content));

describe('tokens that secretlint recognises', () => {
  // The core awaits what a rule gives back; we do not, so each has to have reported by then.
  test.each(Object.entries(REPORTED))('%s reports before it returns', (_, token) => {
    expect(tokensIn(`a ${token} b`).map(({ secret }) => token.includes(secret))).toEqual([true]);
  });

  it('no rule of the preset is unknown here', () => {
    const names = rules.map(({ meta }) => meta.id.replace(/^@secretlint\/secretlint-(?:filter-)?rule-/, ''));
    expect(names.sort()).toEqual([...Object.keys(REPORTED), ...OTHERS].sort());
  });

  // Another version may look for something that has none of the marks: they are to be compared with its patterns.
  it('the marks were read from the patterns of this version', () => {
    expect(version).toBe('13.0.7');
  });

  test.each(Object.entries(REPORTED))('%s has a mark of its rule', (name, token) => {
    const rule = TOKEN_RULES.find((one) => one.name === name);
    expect(rule?.marks.some((mark) => mark !== '' && token.toLowerCase().includes(mark))).toBe(true);
  });

  it('a comment in the text does not switch them off', () => {
    expect(tokensIn(`/* secretlint-disable */ ${FAKE.github()} // secretlint-disable-line`)).toHaveLength(1);
  });

  it('nothing in nothing', () => {
    expect(tokensIn('')).toEqual([]);
  });
});
