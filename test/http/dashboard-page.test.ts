import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { dashboardPage } from '../../src/http/dashboard-page.js';

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

describe('the page as it is sent', () => {
  const { html, headers, etag } = dashboardPage('run()', 'body{margin:0}');
  const policy = headers['content-security-policy'] ?? '';

  it('lets run what it holds, by hash, and nothing else', () => {
    expect(policy.split('; ')).toEqual([
      "default-src 'none'",
      `script-src ${hashOf('run()')}`,
      `style-src ${hashOf('body{margin:0}')}`,
      "connect-src 'self'",
      'img-src data:',
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
      "require-trusted-types-for 'script'",
      "trusted-types 'none'",
    ]);
    expect(policy).not.toMatch(/unsafe|\*/);
    expect(html).toContain('<script type="module">run()</script>');
    expect(html).toContain('<style>body{margin:0}</style>');
  });

  it('may be framed by nobody, tells nobody where somebody came from, and is not kept', () => {
    expect(headers).toMatchObject({
      'x-frame-options': 'DENY',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cache-control': 'no-cache',
      etag,
    });
  });

  it('asks for nothing beside itself', () => {
    expect(html).not.toMatch(/\b(?:src|href)="(?!data:,")/);
  });

  it('is another where a part of it is', () => {
    expect(dashboardPage('run()', '').etag).not.toBe(etag);
    expect(dashboardPage('run()', 'body{margin:0}').etag).toBe(etag);
  });

  it.each([
    ['a script with the end of one', 'x("</script>")', ''],
    ['a script with a comment’s beginning', 'x("<!--")', ''],
    ['a style with the end of one', '', '</style>'],
  ])('is not made of %s', (_name, script, style) => {
    expect(() => dashboardPage(script, style)).toThrow(TypeError);
  });

  it('is made of what the build gives', () => {
    const part = (name: string): string => readFileSync(`dist/dashboard/${name}`, 'utf8');
    const built = dashboardPage(part('page.js'), part('page.css'));
    expect(built.html.length).toBeLessThan(120_000);
    expect(built.html).not.toMatch(/https?:\/\/(?!www\.w3\.org\/2000\/svg)[a-z]/);
  });
});
