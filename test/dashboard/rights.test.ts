import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startChromium } from '../../bench/chromium.js';
import { shut, vault, vaultPath } from '../../demo/estate.js';
import { settle } from '../../demo/settle.js';
import { startStack, SUBSCRIPTION, type Stack } from '../../demo/stack.js';
import { axeViolations } from './axe.js';
import {
  enter,
  expectGoodManners,
  failWith,
  goTo,
  hasLoaded,
  HOST_KEY,
  KEYS,
  openRow,
  READ_KEY,
  visit,
} from './visit.js';

/*
 * Whoever looks at the page may do less than it can do: no button works that says it does not, and none says it does and
 * does not. And there are days on which there is nothing to show.
 */

let browser: Browser;
let stack: Stack;
let hostUrl: string;

beforeAll(async () => {
  const settings = {
    HOLDFAST_REMEDIATORS: 'vault-firewall=approve, vault-logging=off',
    HOLDFAST_APP_SERVICE_AUTH: 'on',
    WEBSITE_AUTH_ENABLED: 'True',
  };
  [browser, stack] = await Promise.all([startChromium(), startStack({ keys: KEYS, settings })]);
  ({ hostUrl } = stack);
}, 120_000);
afterAll(async () => {
  await browser.close();
  await stack.close();
});

const principal = Buffer.from(
  JSON.stringify({
    auth_typ: 'aad',
    role_typ: 'roles',
    claims: [
      {
        typ: 'http://schemas.microsoft.com/identity/claims/objectidentifier',
        val: 'bbbbbbbb-0000-4000-8000-000000000002',
      },
      { typ: 'preferred_username', val: 'ada@contoso.com' },
      { typ: 'roles', val: 'Holdfast.Approve' },
    ],
  }),
).toString('base64');

/** The reason beside a button that says it does not work; null for one that does. */
async function reasonOf(page: Page, button: string): Promise<string | null> {
  const found = page.getByRole('dialog').getByRole('button', { name: button, exact: true });
  if ((await found.getAttribute('aria-disabled')) !== 'true') return null;
  const id = (await found.getAttribute('aria-describedby')) ?? '';
  return page.locator(`[id="${id}"]`).innerText();
}

describe('an installation that has not swept yet', () => {
  it('says so, and what to do', async () => {
    const seen = await visit(browser, hostUrl);
    const { page } = seen;
    expect(await page.locator('.three').innerText()).toContain(
      'Holdfast has not swept its scopes since it was installed',
    );
    expect(await page.locator('.three').innerText()).toContain('HOLDFAST_SWEEP_SCHEDULE');
    for (const [view, text] of [
      ['Records', 'Nothing is recorded yet'],
      ['Resources', 'No resource is known yet'],
      ['Findings', 'Nothing waits for a person'],
    ] as const) {
      await goTo(page, view);
      await page.getByText(text).waitFor();
    }
    expectGoodManners(seen, hostUrl);
  });
});

describe('whoever has no key that opens', () => {
  it('is asked for one, in words that say what the page is', async () => {
    const seen = await visit(browser, hostUrl, { key: '' });
    const { page } = seen;
    await page.getByLabel('Function key').waitFor();
    expect(await page.getByRole('main').innerText()).toContain('Holdfast keeps Azure Logic Apps');
    expect(await axeViolations(page)).toEqual([]);
    expect(await page.getByRole('alert').count()).toBe(0);
    await enter(page, 'no-such-key-at-all');
    expect(await page.getByRole('alert').innerText()).toContain('This key opens nothing here');
    expect(await page.evaluate(() => sessionStorage.length)).toBe(0);
    expectGoodManners(seen, hostUrl, ['no-such-key-at-all']);
  });

  it('hears it where the app is down, and can try again', async () => {
    const { page } = await visit(browser, hostUrl, { key: '' });
    await page.getByLabel('Function key').fill(HOST_KEY);
    await page.route('**/api/**', (route) => route.abort());
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Holdfast does not answer' }).waitFor();
    await page.unroute('**/api/**');
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByText(/^As of/).waitFor();
  });

  it('hears what the app says where its storage account is down', async () => {
    const { page } = await visit(browser, hostUrl);
    const detail = 'Holdfast could not read or write its storage account.';
    await failWith(page, /\/api\/(?:audit|findings|posture|resources)\b/, detail);
    await page.getByRole('button', { name: 'Refresh' }).click();
    await page.getByText(/^As of/).waitFor();
    await page.locator('.problem', { hasText: detail }).first().waitFor();
    for (const view of ['Records', 'Resources', 'Findings'] as const) {
      await goTo(page, view);
      await page.locator('.view:not([hidden]) .problem', { hasText: detail }).waitFor();
    }
    await page.unroute(/./);
  });
});

describe('a plan that waits for approval', () => {
  let vaultName: string;
  beforeAll(async () => {
    const { azure } = stack.simulator;
    azure.addResourceGroup(SUBSCRIPTION, 'rg-security', 'westeurope');
    vaultName = 'kv-waiting';
    const properties = {
      enableSoftDelete: true,
      enablePurgeProtection: true,
      networkAcls: { ...shut('198.51.100.0/24'), defaultAction: 'Allow' },
    };
    await azure.as('bob@contoso.com').put(vaultPath(vaultName), vault(azure, properties));
    await stack.sweep();
    await settle(stack);
  });

  it('is shown as waiting, and with a key alone the button says that it does not work, and why', async () => {
    const { page } = await visit(browser, hostUrl);
    expect(await page.locator('.three').innerText()).toContain('1 plan waiting for approval');
    await goTo(page, 'Findings');
    await page.getByRole('heading', { name: 'Waiting for approval' }).waitFor();
    await page.getByRole('button', { name: vaultName }).first().click();
    expect(await reasonOf(page, 'Approve')).toContain('a function key alone approves nothing');
    const signIn = page.getByRole('link', { name: 'Sign in with Microsoft Entra ID' });
    expect(await signIn.getAttribute('href')).toBe('/.auth/login/aad?post_login_redirect_uri=/api/dashboard');
    expect(await reasonOf(page, 'Fix now')).toContain('set to approve');
    expect(await reasonOf(page, 'Dry run')).toBeNull();
  });

  it('offers a reader nothing that would not work', async () => {
    const seen = await visit(browser, hostUrl, { key: READ_KEY });
    const { page } = seen;
    await openRow(page, 'Records', vaultName);
    for (const button of ['Dry run', 'Fix now', 'How to exempt'])
      expect(await reasonOf(page, button), button).toContain('Your key does not open');
    const posts = seen.requests.filter(({ method }) => method === 'POST').length;
    // Pressed all the same, it does nothing.
    await page.getByRole('dialog').getByRole('button', { name: 'Fix now' }).click({ force: true });
    expect(seen.requests.filter(({ method }) => method === 'POST')).toHaveLength(posts);
    expectGoodManners(seen, hostUrl, [READ_KEY]);
  });

  it('is written when somebody with the role has signed in and says so twice', async () => {
    const { azure } = stack.simulator;
    const { page, context } = await visit(browser, hostUrl, { key: '' });
    // As App Service puts it on the request of whoever has signed in.
    await context.setExtraHTTPHeaders({ 'x-ms-client-principal': principal });
    await enter(page, HOST_KEY);
    await page.getByText(/^As of/).waitFor();
    await openRow(page, 'Records', vaultName);
    const drawer = page.getByRole('dialog');
    expect(await reasonOf(page, 'Approve')).toBeNull();
    await drawer.getByRole('button', { name: 'Approve', exact: true }).click();
    expect(azure.read(vaultPath(vaultName))).toContain('"defaultAction":"Allow"');
    await drawer.getByRole('button', { name: 'Yes, approve' }).click();
    await drawer.getByText('Written, and seen in Azure’s answer: 1 repaired.').waitFor();
    expect(azure.read(vaultPath(vaultName))).toContain('"defaultAction":"Deny"');
    await hasLoaded(page);
    await page.keyboard.press('Escape');
    await goTo(page, 'Overview');
    expect(await page.locator('.three').innerText()).toMatch(/Last: .*, which ada@contoso\.com approved/);
  });
});
