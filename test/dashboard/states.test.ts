import type { Browser, Page, Route } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startChromium } from '../../bench/chromium.js';
import { shut, vault, vaultPath } from '../../demo/estate.js';
import { settle } from '../../demo/settle.js';
import { startStack, SUBSCRIPTION, type Stack } from '../../demo/stack.js';
import { takingBackReason } from '../../src/types/by-hand.js';
import type { AuditRecord } from '../../src/types/record.js';
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
  overflow,
  visit,
} from './visit.js';

/*
 * What is between a page that has everything and one that has nothing: what is still coming, what has failed, what somebody
 * is in the middle of.
 */

const LONE_KEY = KEYS.functions.audit.lone;

let browser: Browser;
let stack: Stack;
let hostUrl: string;

beforeAll(async () => {
  const settings = { HOLDFAST_REMEDIATORS: 'vault-purge-protection=audit' };
  [browser, stack] = await Promise.all([startChromium(), startStack({ keys: KEYS, settings })]);
  ({ hostUrl } = stack);
  const { azure } = stack.simulator;
  azure.addResourceGroup(SUBSCRIPTION, 'rg-security', 'westeurope');
  const networkAcls = { ...shut('198.51.100.0/24'), defaultAction: 'Allow' };
  await azure
    .as('bob@contoso.com')
    .put(vaultPath('kv-one'), vault(azure, { enableSoftDelete: true, networkAcls }));
  await stack.sweep();
  await settle(stack);
}, 120_000);
afterAll(async () => {
  await browser.close();
  await stack.close();
});

/** Holds the requests for a route back until `release` is called. */
async function holding(page: Page, url: string): Promise<{ readonly release: () => Promise<void> }> {
  const held: Route[] = [];
  let isOpen = false;
  await page.route(url, async (route) => {
    if (isOpen) await route.continue();
    else held.push(route);
  });
  return {
    release: async () => {
      isOpen = true;
      await Promise.all(held.map((route) => route.continue()));
    },
  };
}

const focusIn = (page: Page): Promise<string> =>
  page.evaluate(() => {
    const focused = document.activeElement;
    return focused === null || focused === document.body
      ? 'nowhere'
      : `${focused.tagName} ${focused.className}`;
  });

describe('what cannot be told', () => {
  it('is not said to be well: with the key of one function', async () => {
    const seen = await visit(browser, hostUrl, { key: LONE_KEY });
    const { page } = seen;
    const three = await page.locator('.three').innerText();
    expect(three).toContain('Cannot be told: Your key does not open GET /api/findings');
    expect(three).not.toMatch(/safe state|put right by itself/);
    expect(await page.locator('.three .good').count()).toBe(0);
    expect(await axeViolations(page)).toEqual([]);
    expectGoodManners(seen, hostUrl, [LONE_KEY]);
  });

  it('is said of the findings of a resource, too', async () => {
    const { page } = await visit(browser, hostUrl, { key: '' });
    await failWith(page, '**/api/findings?*', 'Storage is down.');
    await enter(page, HOST_KEY);
    await hasLoaded(page);
    await openRow(page, 'Resources', 'kv-one');
    await page
      .getByRole('dialog')
      .getByText(/^\d+ findings? cannot be shown: Storage is down\.$/)
      .waitFor();
    expect(await axeViolations(page)).toEqual([]);
  });
});

describe('what is about no resource that is watched', () => {
  it('is shown where the overview leads to it, with the step to take', async () => {
    const { page } = await visit(browser, hostUrl, { key: '' });
    const finding = {
      id: 'b'.repeat(32),
      resourceId: `/subscriptions/${SUBSCRIPTION}`,
      remediator: 'self-audit',
      severity: 'high',
      reason: 'Holdfast cannot compare the activity log of this subscription with its records.',
      step: 'Put right what the reason names.',
      since: new Date().toISOString(),
    };
    await page.route('**/api/findings?*', (route) =>
      route.fulfill({ json: { findings: [finding], continuationToken: null } }),
    );
    await enter(page, HOST_KEY);
    await hasLoaded(page);
    await page.locator('.three li').getByRole('button', { name: 'Show' }).click();
    const drawer = page.getByRole('dialog');
    await drawer.getByText(finding.reason).waitFor();
    await drawer.getByRole('button', { name: 'Accept' }).waitFor();
    expect(await axeViolations(page)).toEqual([]);
  });
});

describe('what is long', () => {
  it.each([400, 1600])('is cut in the table and whole in the drawer, at %i px', async (width) => {
    const { page } = await visit(browser, hostUrl, { key: '', width });
    const error = `begin ${'x'.repeat(1_000_000)} end`;
    await page.route('**/api/audit?*', async (route) => {
      const response = await route.fetch();
      const body = (await response.json()) as { readonly records: readonly object[] };
      const records = body.records.map((record) => ({ ...record, edits: [], error }));
      await route.fulfill({ response, json: { ...body, records } });
    });
    await enter(page, HOST_KEY);
    await hasLoaded(page);
    await goTo(page, 'Records');
    expect(await page.locator('.view:not([hidden]) tbody').innerText()).not.toContain('x'.repeat(200));
    await page.getByRole('table').getByRole('rowheader').getByRole('button').first().click();
    await page
      .getByRole('dialog')
      .getByText(/^begin x+ end$/)
      .first()
      .waitFor();
    expect(await overflow(page)).toBe(0);
  });
});

describe('what did not come whole', () => {
  it('is gone on with from where it ended', async () => {
    const { page } = await visit(browser, hostUrl, { key: '' });
    let isDown = true;
    await page.route('**/api/audit?*', async (route) => {
      if (!route.request().url().includes('continuationToken')) {
        const response = await route.fetch();
        const body = (await response.json()) as object;
        return route.fulfill({ response, json: { ...body, continuationToken: 'more' } });
      }
      return isDown
        ? route.fulfill({
            status: 503,
            contentType: 'application/problem+json',
            body: '{"detail":"Storage is down."}',
          })
        : route.fulfill({ json: { records: [], continuationToken: null } });
    });
    await enter(page, HOST_KEY);
    await hasLoaded(page);
    expect(await page.locator('.three').innerText()).toContain('Storage is down.');
    await goTo(page, 'Records');
    const view = page.locator('.view:not([hidden])');
    await view.getByText('Storage is down.').waitFor();
    isDown = false;
    await view.getByRole('button', { name: 'Load older records' }).click();
    await view.getByText('Storage is down.').waitFor({ state: 'hidden' });
  });
});

describe('what is still coming', () => {
  it('is said, and a drawer that is open already has it when it comes', async () => {
    const { page } = await visit(browser, hostUrl, { key: '' });
    const abilities = await holding(page, '**/api/approve');
    await enter(page, HOST_KEY);
    await openRow(page, 'Records', 'kv-one firewall');
    const fix = page.getByRole('dialog').getByRole('button', { name: 'Fix now' });
    expect(await fix.getAttribute('aria-disabled')).toBe('true');
    expect(await axeViolations(page)).toEqual([]);
    await abilities.release();
    await page.getByRole('dialog').locator('button:not([aria-disabled])', { hasText: 'Fix now' }).waitFor();
    expect(await focusIn(page)).not.toBe('nowhere');
  });

  it('is nothing wrong to axe while nothing has come', async () => {
    const { page } = await visit(browser, hostUrl, { key: '' });
    await page.route(/\/api\/(?:audit|findings|posture|resources|health)\b/, () => undefined);
    await enter(page, HOST_KEY);
    for (const view of ['Overview', 'Findings', 'Records', 'Resources'] as const) {
      await goTo(page, view);
      expect(await axeViolations(page), view).toEqual([]);
    }
  });

  it('is asked for anew by Refresh, where a route did not answer', async () => {
    const { page } = await visit(browser, hostUrl, { key: '' });
    await page.route('**/api/remediate', (route) => route.fulfill({ status: 503, body: 'starting' }));
    await enter(page, HOST_KEY);
    await hasLoaded(page);
    await openRow(page, 'Records', 'kv-one firewall');
    await page.getByRole('dialog').getByText('what stands before it said 503').first().waitFor();
    await page.keyboard.press('Escape');
    await page.unroute('**/api/remediate');
    await page.getByRole('button', { name: 'Refresh' }).click();
    await page.getByRole('banner').getByText('Loading …').waitFor({ state: 'hidden' });
    await hasLoaded(page);
    await openRow(page, 'Records', 'kv-one firewall');
    await page.getByRole('dialog').locator('button:not([aria-disabled])', { hasText: 'Dry run' }).waitFor();
  });
});

describe('whoever is at it with the keyboard', () => {
  it('keeps a place when a button goes, and when the row that was opened is drawn anew', async () => {
    const { page } = await visit(browser, hostUrl);
    await openRow(page, 'Records', 'kv-one firewall');
    const drawer = page.getByRole('dialog');
    await drawer.getByRole('button', { name: 'Fix now' }).click();
    expect(await axeViolations(page)).toEqual([]);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await drawer.getByText('Nothing was changed.').waitFor();
    expect(await focusIn(page)).toBe('DIV told');
    await drawer.getByRole('button', { name: 'Fix now' }).focus();
    await page.keyboard.press('Enter');
    await page.keyboard.press('Enter');
    await drawer.getByText('There is nothing to do: it is as it should be.').waitFor();
    expect(await focusIn(page)).toBe('DIV told');
    await hasLoaded(page);
    await page.keyboard.press('Escape');
    await drawer.waitFor({ state: 'hidden' });
    // The row may be drawn anew before the drawer closes, or after.
    await expect.poll(() => focusIn(page)).toMatch(/^(?:H1 |P count)$/);
    await page.getByRole('banner').getByText('Loading …').waitFor({ state: 'hidden' });
    expect(await focusIn(page)).toMatch(/^(?:H1 |P count)$/);
  });

  it('stays on the table of a drawing that is drawn anew', async () => {
    const { page } = await visit(browser, hostUrl);
    await page.getByText('As a table').focus();
    await page.keyboard.press('Enter');
    await page.evaluate(() => {
      [...document.querySelectorAll('button')].find(({ textContent }) => textContent === 'Refresh')?.click();
    });
    await page.getByRole('banner').getByText('Loading …').waitFor({ state: 'hidden' });
    await hasLoaded(page);
    expect(await page.locator('details', { hasText: 'As a table' }).getAttribute('open')).toBe('');
    expect(await focusIn(page)).toBe('SUMMARY ');
  });

  it('has not the findings drawn anew while more records come, and keeps what is being written', async () => {
    const { page } = await visit(browser, hostUrl);
    await goTo(page, 'Findings');
    const view = page.locator('.view:not([hidden])');
    await view.getByRole('button', { name: 'Accept' }).first().click();
    await page.keyboard.type('known');
    const refreshed = page.waitForResponse('**/api/resources?*');
    await page.evaluate(() => {
      // As after something that was done elsewhere: the focus stays where somebody writes.
      [...document.querySelectorAll('button')].find(({ textContent }) => textContent === 'Refresh')?.click();
    });
    await refreshed;
    await hasLoaded(page);
    expect(await view.getByLabel('Why it may stand').inputValue()).toBe('known');
    expect(await focusIn(page)).toMatch(/^INPUT/);
    const count = await view.locator('.finding').count();
    await page.keyboard.press('Enter');
    await expect.poll(() => view.locator('.finding').count()).toBe(count - 1);
    expect(await focusIn(page)).toBe('H1 ');
  });
});

describe('a repair of all practices at once', () => {
  it('says before it is made what it leaves as it is', async () => {
    const { page } = await visit(browser, hostUrl);
    await openRow(page, 'Resources', 'kv-one');
    const drawer = page.getByRole('dialog');
    await drawer.getByRole('button', { name: 'Fix now' }).click();
    await drawer.getByText('Not written, because it is not set to enforce: Purge protection.').waitFor();
  });

  it('is not said to wait for approval of all, where some are audited', async () => {
    const { page } = await visit(browser, hostUrl, { key: '' });
    await page.route('**/api/policy', async (route) => {
      const response = await route.fetch();
      const body = (await response.json()) as { readonly modes: Readonly<Record<string, string>> };
      const modes = Object.fromEntries(
        Object.keys(body.modes).map((id) => [id, id === 'vault-firewall' ? 'approve' : 'audit']),
      );
      await route.fulfill({ response, json: { ...body, modes } });
    });
    await enter(page, HOST_KEY);
    await hasLoaded(page);
    await openRow(page, 'Resources', 'kv-one');
    await page.getByRole('dialog').getByText('None of its practices is set to enforce').waitFor();
  });
});

describe('whoever has just given the key', () => {
  it.each([
    ['#findings', 'Findings'],
    ['', 'Overview'],
  ])('is at the heading of the view that it opens: %s', async (hash, heading) => {
    const { page } = await visit(browser, hostUrl, { hash });
    expect(await focusIn(page)).toMatch(/^H1/);
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe(heading);
    await page.reload();
    await hasLoaded(page);
    // Nobody was anywhere: a reader begins at the top, as on any page.
    expect(await focusIn(page)).toBe('nowhere');
  });

  it('hears that the app is asked, however long that takes, and asks it once', async () => {
    const { page, requests } = await visit(browser, hostUrl, { key: '' });
    const policy = await holding(page, '**/api/policy');
    await enter(page, HOST_KEY);
    await page.getByRole('status').getByText('Asking the app …').waitFor();
    await page.keyboard.press('Enter');
    await policy.release();
    await hasLoaded(page);
    const asked = requests.filter(
      ({ url, headers }) => url.endsWith('/api/policy') && headers['x-functions-key'] === HOST_KEY,
    );
    // Once to know whether the key opens it, and once for what the page shows.
    expect(asked).toHaveLength(2);
  });

  it('sees no empty page while an app that starts is asked', async () => {
    const { page } = await visit(browser, hostUrl);
    const policy = await holding(page, '**/api/policy');
    await page.reload();
    await page.getByRole('status').getByText('Asking the app …').waitFor();
    expect(await axeViolations(page)).toEqual([]);
    await policy.release();
    await hasLoaded(page);
  });

  it('is at what went wrong, where the app does not answer, and again when it still does not', async () => {
    const { page } = await visit(browser, hostUrl, { key: '' });
    await page.route('**/api/**', (route) => route.abort());
    await enter(page, HOST_KEY);
    const heading = page.getByRole('heading', { name: 'Holdfast does not answer' });
    await heading.waitFor();
    expect(await focusIn(page)).toMatch(/^H1/);
    await page.getByRole('button', { name: 'Try again' }).focus();
    await page.keyboard.press('Enter');
    await expect.poll(() => focusIn(page)).toMatch(/^H1/);
    expect(await axeViolations(page)).toEqual([]);
  });
});

describe('what somebody had made on the command line', () => {
  it('is told as that, and neither as a repair nor as something that Holdfast put right', async () => {
    const { page } = await visit(browser, hostUrl, { key: '' });
    await page.route('**/api/audit?*', async (route) => {
      const response = await route.fetch();
      const body = (await response.json()) as { readonly records: readonly AuditRecord[] };
      const records = body.records
        .filter(({ outcome }) => outcome === 'applied')
        .map((record) => ({
          ...record,
          trigger: 'cli',
          actor: { id: null, name: 'ada@contoso.com', ip: null },
          edits: record.edits.map((edit) => ({ ...edit, reason: takingBackReason(record.id) })),
        }));
      await route.fulfill({ response, json: { ...body, records } });
    });
    await enter(page, HOST_KEY);
    await hasLoaded(page);
    expect(await page.locator('.three').innerText()).toContain('Nothing had to be repaired');
    await openRow(page, 'Records', 'changed hand firewall');
    const drawer = await page.getByRole('dialog').innerText();
    expect(drawer).toContain('changed by hand');
    expect(drawer).toContain('ada@contoso.com had it done on the command line.');
    expect(drawer).not.toMatch(/repaired|had written to it just before/);
    expect(await page.locator('.view:not([hidden]) tbody').innerText()).not.toContain('repaired');
  });
});

describe('the posture of several scopes', () => {
  it('is that of all, or of the one that is chosen, and stays so when it is loaded anew', async () => {
    const { page } = await visit(browser, hostUrl, { key: '' });
    const none = { high: 0, medium: 0, low: 0 };
    const scopeOf = (scope: string, compliant: number): object => ({
      scope,
      resources: compliant,
      remediators: { 'vault-firewall': { compliant, drifted: 0, exempt: 0, refused: 0, findings: none } },
    });
    const scopes = [
      scopeOf('/subscriptions/11111111-0000', 7),
      scopeOf('/subscriptions/22222222-0000/resourceGroups/rg-two', 2),
    ];
    await page.route('**/api/posture', (route) =>
      route.fulfill({ json: { sweptAt: new Date().toISOString(), scopes } }),
    );
    await enter(page, HOST_KEY);
    await hasLoaded(page);
    const safe = page
      .getByRole('row', { name: /^Vault firewall/ })
      .locator('td.number')
      .first();
    expect(await safe.innerText()).toBe('9');
    await page.getByLabel('Scope').selectOption('rg-two (22222222…)');
    expect(await safe.innerText()).toBe('2');
    await page.getByRole('button', { name: 'Refresh' }).click();
    await page.getByRole('banner').getByText('Loading …').waitFor({ state: 'hidden' });
    await hasLoaded(page);
    expect(await safe.innerText()).toBe('2');
    expect(await axeViolations(page)).toEqual([]);
  });
});

describe('findings without end', () => {
  const COUNT = 450;
  const finding = (index: number): object => ({
    id: index.toString(16).padStart(32, '0'),
    resourceId: vaultPath(`kv-many-${index}`),
    remediator: index % 2 === 0 ? 'vault-firewall' : null,
    severity: index < 150 ? 'high' : 'low',
    reason: `Reason ${index}.`,
    step: `Step ${index}.`,
    since: '2026-11-01T00:00:00.000Z',
  });

  it('are all reached, page by page and by search, and what is being written is not lost on the way', async () => {
    const { page } = await visit(browser, hostUrl, { key: '' });
    const all = Array.from({ length: COUNT }, (_, index) => finding(index));
    await page.route('**/api/findings?*', (route) =>
      route.fulfill({ json: { findings: all, continuationToken: null } }),
    );
    await enter(page, HOST_KEY);
    await hasLoaded(page);
    await goTo(page, 'Findings');
    const view = page.locator('.view:not([hidden])');
    const count = view.locator('.count');
    expect(await count.innerText()).toBe('450 findings, showing 1 to 100');
    await view.getByRole('button', { name: 'Accept' }).first().click();
    await page.keyboard.type('known');
    const seen = new Set<string>();
    for (;;) {
      for (const reason of await view.locator('.finding').allInnerTexts())
        seen.add(/Reason (\d+)\./.exec(reason)?.[1] ?? '');
      if (await view.getByRole('button', { name: 'Next' }).isDisabled()) break;
      await view.getByRole('button', { name: 'Next' }).focus();
      await page.keyboard.press('Enter');
    }
    expect(seen.size).toBe(COUNT);
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Previous');
    expect(await axeViolations(page)).toEqual([]);
    await view.getByLabel('Search findings').fill('kv-many-44 low');
    expect(await count.innerText()).toBe('10 of 450 findings');
    await view.getByLabel('Search findings').fill('');
    await view.getByLabel('Severity').selectOption('high');
    expect(await count.innerText()).toBe('150 of 450 findings, showing 1 to 100');
    await view.getByLabel('Practice').selectOption('Exemptions');
    expect(await count.innerText()).toBe('75 of 450 findings');
    await view.getByLabel('Practice').selectOption('');
    expect(await view.getByLabel('Why it may stand').inputValue()).toBe('known');
  });
});

describe('a key', () => {
  it('that no header can carry is said to be so, and the app is not said to be down', async () => {
    const { page, requests } = await visit(browser, hostUrl, { key: '' });
    await enter(page, 'клю\u200bч');
    expect(await page.getByRole('alert').innerText()).toContain('holds a character that no header can carry');
    expect(requests.filter(({ headers }) => headers['x-functions-key'] !== undefined)).toEqual([]);
  });

  it('in the address is taken out of it, and opens nothing', async () => {
    const page = await browser.newPage();
    await page.goto(`${hostUrl}/api/dashboard?code=${HOST_KEY}#records`);
    await page.getByLabel('Function key').waitFor();
    expect(page.url()).toBe(`${hostUrl}/api/dashboard#records`);
    await page.close();
  });

  it('is taken also where the browser lets no page store anything', async () => {
    const context = await browser.newContext();
    await context.addInitScript(() => {
      Object.defineProperty(window, 'sessionStorage', {
        get: () => {
          throw new DOMException('Forbidden.', 'SecurityError');
        },
      });
    });
    const page = await context.newPage();
    await page.goto(`${hostUrl}/api/dashboard`);
    await enter(page, HOST_KEY);
    await hasLoaded(page);
    await context.close();
  });
});
