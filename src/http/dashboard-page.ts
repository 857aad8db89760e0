import { createHash } from 'node:crypto';

/** The page as it is sent: one document, with all that it needs in it. */
export interface DashboardPage {
  readonly html: string;
  /** Changes with the page. */
  readonly etag: string;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Makes the page of its script and its style. It holds no data: a browser that goes to an address can send no key. What
 * runs in it is what the policy names by hash, whatever a name from Azure holds; it talks to this app alone, and no
 * text can become markup (https://www.w3.org/TR/CSP3/, https://w3c.github.io/trusted-types/).
 */
export function dashboardPage(script: string, style: string): DashboardPage {
  // An element of this kind ends where its end tag stands, even in a text of the program.
  if (/<\/script|<!--/i.test(script)) throw new TypeError('The script holds what ends a script element.');
  if (/<\/style/i.test(style)) throw new TypeError('The style holds what ends a style element.');
  const policy = [
    "default-src 'none'",
    `script-src '${hashOf(script)}'`,
    `style-src '${hashOf(style)}'`,
    "connect-src 'self'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ');
  const html = documentOf(script, style);
  const etag = `"${createHash('sha256').update(html).digest('base64url')}"`;
  return {
    html,
    etag,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': policy,
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      // Asked for anew each time, so that an upgrade shows at once; what has not changed is not sent again.
      'cache-control': 'no-cache',
      etag,
    },
  };
}

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text, 'utf8').digest('base64')}`;
}

function documentOf(script: string, style: string): string {
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="robots" content="noindex">',
    '<meta name="color-scheme" content="light dark">',
    '<title>Holdfast</title>',
    '<link rel="icon" href="data:,">',
    `<style>${style}</style>`,
    '</head>',
    '<body>',
    '<noscript>This page asks the app for what it shows, and needs JavaScript for that.</noscript>',
    `<script type="module">${script}</script>`,
    '</body>',
    '</html>',
    '',
  ].join('\n');
}
