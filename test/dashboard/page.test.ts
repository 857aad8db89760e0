import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startChromium } from '../../bench/chromium.js';
import { deployEstate, LOG_WORKSPACE } from '../../demo/deploy-estate.js';
import { settle } from '../../demo/settle.js';
import { startStack, type Stack } from '../../demo/stack.js';
import { vaultPath } from '../../demo/estate.js';
import { axeViolations } from './axe.js';
import { expectGoodManners, goTo, HOST_KEY, KEYS, openRow, overflow, visit } from './visit.js';

/*
 * The page in a real browser, over the app, an Azure and a storage account that are real servers.
 */

let browser: Browser;
let stack: Stack;
let hostUrl: string;

beforeAll(async () => {
  const settings = {
    HOLDFAST_LOG_WORKSPACE: LOG_WORKSPACE,
    HOLDFAST_REMEDIATORS: 'vault-deleted=audit, vault-purge-protection=audit',
  };
  [browser, stack] = await Promise.all([startChromium(), startStack({ keys: KEYS, settings })]);
  ({ hostUrl } = stack);
  const { azure } = stack.simulator;
  await deployEstate(azure);
  await stack.sweep();
  await settle(stack);
  await stack.subscribe();
  const open = {
    properties: {
      networkAcls: { defaultAction: 'Allow', bypass: 'AzureServices', ipRules: [], virtualNetworkRules: [] },
    },
  };
  await azure.as('bob@contoso.com').patch(vaultPath('kv-payments'), open);
  await azure.events.idle();
  await settle(stack);
}, 120_000);
afterAll(async () => {
  await browser.close();
  await stack.close();
});

describe('what somebody sees in the first seconds', () => {
  it('is what happened, what stands open and what to do, and nothing is asked of another site', async () => {
    const seen = await visit(browser, hostUrl);
    const { page } = seen;
    const section = (title: string): Promise<string> =>
      page.locator('.three section', { has: page.getByRole('heading', { name: title }) }).innerText();
    expect(await section('What happened')).toMatch(
      /\d+ drifts? repaired in the last 24 hours\. Half of them within/,
    );
    expect(await section('What happened')).toMatch(
      /Last: .* of kv-payments after bob@contoso\.com had written to it/,
    );
    expect(await section('What stands open')).toMatch(/\d+ findings \(\d+ high/);
    expect(await section('What to do')).toMatch(/Enrich-IP, Exposed secrets: Rotate it/);
    expect(await page.locator('.figures').innerText()).toMatch(/median time to fix\s*\d/);
    expect(await page.getByRole('row', { name: /Vault firewall/ }).innerText()).toMatch(/Vault firewall/);
    expectGoodManners(seen, hostUrl);
    expect(
      seen.requests.filter(({ headers }) => headers['x-functions-key'] === HOST_KEY).length,
    ).toBeGreaterThan(5);
    expect(await page.evaluate(() => [document.cookie, localStorage.length, location.href])).toEqual([
      '',
      0,
      `${hostUrl}/api/dashboard`,
    ]);
  });

  it('is forgotten when they say so', async () => {
    const { page } = await visit(browser, hostUrl);
    await page.reload();
    await page.getByText(/^As of/).waitFor();
    await page.getByRole('button', { name: 'Forget key' }).click();
    await page.getByLabel('Function key').waitFor();
    expect(await page.evaluate(() => sessionStorage.length)).toBe(0);
  });
});

describe('what the browser holds the page to', () => {
  it.each([
    ['markup out of text', `document.body.innerHTML = '<b>x</b>'`],
    ['a program out of text', `eval('1')`],
    [
      'a program in a tag',
      `(() => { const made = document.createElement('script'); made.text = '1'; document.body.append(made); })()`,
    ],
  ])('no %s', async (_name, attempt) => {
    const { page } = await visit(browser, hostUrl);
    // In a function of the page's own, which the driver's way around the policy does not reach.
    const outcome = page.evaluate(
      `new Promise((resolve, reject) => setTimeout(() => { try { ${attempt}; resolve('done'); } catch (error) { reject(error); } }))`,
    );
    await expect(outcome).rejects.toThrow(/Trusted|policy|Policy/);
  });

  it('nothing of another site: no picture, no request, no frame around it', async () => {
    const { page, faults } = await visit(browser, hostUrl);
    const refused = await page.evaluate(async () => {
      const picture = new Image();
      const failed = new Promise((resolve) => {
        picture.onerror = () => {
          resolve('refused');
        };
      });
      picture.src = '/favicon.ico';
      return [
        await failed,
        await fetch('https://example.org/').then(
          () => 'sent',
          () => 'refused',
        ),
      ];
    });
    expect(refused).toEqual(['refused', 'refused']);
    expect(faults.join('\n')).toMatch(/img-src[^]*connect-src/);
    const outer = await browser.newPage();
    await outer.setContent(`<iframe src="${hostUrl}/api/dashboard"></iframe>`);
    await outer.waitForTimeout(300);
    expect(outer.frames().some((frame) => frame.url().startsWith(hostUrl))).toBe(false);
  });

  it('no other site can have anything changed, whoever has signed in here', async () => {
    const { azure } = stack.simulator;
    const other = createServer((_request, response) => {
      response.setHeader('content-type', 'text/html');
      response.end('<!doctype html><title>elsewhere</title>');
    });
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    const page = await browser.newPage();
    const answers: string[] = [];
    page.on('response', (response) => {
      answers.push(`${response.request().method()} ${response.status()}`);
    });
    const mark = azure.journal.mark();
    try {
      await page.goto(`http://localhost:${port}/`);
      const outcomes = await page.evaluate(
        async ([url = '', body = '']) => {
          const send = (init: RequestInit): Promise<string> =>
            fetch(url, { method: 'POST', body, credentials: 'include', ...init }).then(
              (response) => response.type,
              () => 'not sent',
            );
          return [
            await send({ mode: 'no-cors' }),
            await send({ mode: 'no-cors', headers: { 'content-type': 'text/plain' } }),
            await send({ headers: { 'content-type': 'application/json' } }),
          ];
        },
        // As if the key were a cookie: what holds it off must be the type of the body alone.
        [
          `${hostUrl}/api/remediate?code=${HOST_KEY}`,
          JSON.stringify({ resourceId: vaultPath('kv-payments') }),
        ],
      );
      expect(outcomes).toEqual(['opaque', 'opaque', 'not sent']);
      expect(answers.filter((answer) => answer.startsWith('POST'))).toEqual(['POST 415', 'POST 415']);
      expect(azure.journal.reads({ since: mark })).toEqual([]);
    } finally {
      other.close();
    }
  });
});

describe('the drawer of a record', () => {
  it('shows before and after, who caused it, what was before, and how to take it back', async () => {
    const seen = await visit(browser, hostUrl);
    const { page } = seen;
    await openRow(page, 'Records', 'kv-payments firewall repaired bob');
    const drawer = page.getByRole('dialog');
    expect(await drawer.locator('.removed').first().innerText()).toContain('Allow');
    expect(await drawer.locator('.added').first().innerText()).toContain('Deny');
    expect(await drawer.innerText()).toMatch(/bob@contoso\.com from [\d.]+ had written to it just before/);
    await drawer.getByRole('heading', { name: 'History of this resource' }).waitFor();
    await drawer.locator('.history li').first().waitFor();
    await drawer.getByRole('button', { name: 'How to undo' }).click();
    await drawer.locator('.commands').waitFor();
    expect(await drawer.locator('.commands').innerText()).toContain(
      'az keyvault update --default-action Allow',
    );
    expect(await drawer.locator('.commands').innerText()).toContain('az tag update');
    await drawer.getByRole('button', { name: 'How to exempt' }).click();
    await drawer.getByLabel('Days, 90 at most').fill('90');
    await drawer.getByRole('button', { name: 'Show the command' }).click();
    const until = new Date(Date.now() + 90 * 86_400_000).toISOString().slice(0, 10);
    await drawer.getByText(`holdfast-exempt=vault-firewall; until=${until}`).waitFor();
    expectGoodManners(seen, hostUrl);
  });

  it('says why a repair would write nothing, where it would not', async () => {
    const { page } = await visit(browser, hostUrl);
    await openRow(page, 'Records', 'purge planned');
    const drawer = page.getByRole('dialog');
    const fix = drawer.getByRole('button', { name: 'Fix now' });
    expect(await fix.getAttribute('aria-disabled')).toBe('true');
    const why = await fix.getAttribute('aria-describedby');
    expect(await drawer.locator(`[id="${why ?? ''}"]`).innerText()).toContain('is set to audit');
    await drawer.getByRole('button', { name: 'Dry run' }).click();
    await drawer.getByText('Nothing was written. What Holdfast would do: 1 planned.').waitFor();
    expect(await drawer.locator('.told .added').innerText()).toContain('true');
  });
});

describe('a resource that has not drifted, and has something for a person to put right', () => {
  it('is not called safe, in the table, by the choice of standings, or in its drawer', async () => {
    const { page } = await visit(browser, hostUrl);
    await goTo(page, 'Resources');
    const view = page.locator('.view:not([hidden])');
    const standing = (): Promise<string[]> => view.locator('tbody tr td:nth-child(2)').allInnerTexts();
    const findings = (): Promise<string[]> => view.locator('tbody tr td:nth-child(4)').allInnerTexts();
    await page.getByLabel('Standing').selectOption('safe');
    expect(new Set(await findings())).toEqual(new Set(['']));
    await page.getByLabel('Standing').selectOption('to do');
    expect(new Set(await standing())).toEqual(new Set(['to do']));
    expect(await findings()).not.toContain('');
    await page.getByLabel('Standing').selectOption('Standing: all');
    await openRow(page, 'Resources', 'Enrich-IP');
    const row = page.getByRole('dialog').getByRole('row', { name: /^Exposed secrets/ });
    expect(await row.innerText()).toMatch(/safe, 1 finding/);
  });
});

describe('the drawer of a resource', () => {
  it('repairs it when asked twice, and not when asked once', async () => {
    const { azure } = stack.simulator;
    for (const { name } of azure.events.subscriptions) azure.events.unsubscribe(name);
    const open = {
      properties: {
        networkAcls: {
          defaultAction: 'Allow',
          bypass: 'AzureServices',
          ipRules: [],
          virtualNetworkRules: [],
        },
      },
    };
    await azure.as('bob@contoso.com').patch(vaultPath('kv-legacy'), open);
    const { page } = await visit(browser, hostUrl);
    await openRow(page, 'Resources', 'kv-legacy');
    const drawer = page.getByRole('dialog');
    const mark = azure.journal.mark();
    await drawer.getByRole('button', { name: 'Fix now' }).click();
    await drawer.getByRole('button', { name: 'Cancel' }).click();
    await drawer.getByText('Nothing was changed.').waitFor();
    expect(azure.journal.writes({ since: mark })).toEqual([]);
    await drawer.getByRole('button', { name: 'Fix now' }).click();
    await drawer.getByRole('button', { name: 'Yes, fix now' }).click();
    await drawer.getByText('Written, and seen in Azure’s answer: 1 planned, 1 repaired.').waitFor();
    expect(azure.journal.writes({ since: mark }).length).toBeGreaterThan(0);
    expect(azure.read(vaultPath('kv-legacy'))).toContain('"defaultAction":"Deny"');
    await stack.subscribe();
  });

  it('draws where the secrets of a workflow go, and marks what leaks', async () => {
    const { page } = await visit(browser, hostUrl);
    await openRow(page, 'Resources', 'Enrich-Mail');
    const drawer = page.getByRole('dialog');
    await drawer.getByRole('button', { name: 'Draw where its secrets go' }).click();
    await drawer.locator('.drawing svg .node').first().waitFor();
    expect(await drawer.locator('.node.leak').count()).toBeGreaterThan(0);
    expect(await drawer.locator('.leaks').innerText()).toMatch(/Get_token shows a secret in its outputs/);
    await drawer.getByText('Holdfast does not turn that setting on. The workflow declares secure').waitFor();
    await drawer.getByText('The flow in words').click();
    expect(await drawer.locator('.flow ol').innerText()).toMatch(/→ Get_token: /);
  });

  it('accepts a finding for a reason', async () => {
    const { page } = await visit(browser, hostUrl);
    await openRow(page, 'Resources', 'Rotate-Certificate');
    const drawer = page.getByRole('dialog');
    await drawer.getByRole('button', { name: 'Accept' }).first().click();
    await drawer.getByLabel('Why it may stand').fill('rotated today');
    await page.keyboard.press('Enter');
    await drawer.getByText('Accepted. It is listed under Findings as accepted').waitFor();
    await page.keyboard.press('Escape');
    await goTo(page, 'Findings');
    await page.getByRole('button', { name: 'Show what was accepted' }).focus();
    await page.keyboard.press('Enter');
    const accepted = page.getByRole('region', { name: 'Accepted' }).locator('.finding');
    expect(await accepted.first().innerText()).toMatch(/Rotate-Certificate[^]*Accepted .*: rotated today/);
    expect(await accepted.count()).toBe(1);
    expect(await axeViolations(page)).toEqual([]);
  });
});

describe('by whatever means somebody reads it', () => {
  const views = ['Overview', 'Findings', 'Records', 'Resources'] as const;
  it.each([
    [400, 'light'],
    [400, 'dark'],
    [1600, 'light'],
    [1600, 'dark'],
  ] as const)(
    'nothing is wrong to axe, and nothing reaches over the edge, at %i px in %s',
    async (width, scheme) => {
      const seen = await visit(browser, hostUrl, { width, scheme });
      const { page } = seen;
      for (const view of views) {
        await goTo(page, view);
        expect(await overflow(page), view).toBe(0);
        expect(await axeViolations(page), view).toEqual([]);
      }
      await openRow(page, 'Records', 'kv-payments firewall repaired');
      await page.getByRole('button', { name: 'How to undo' }).click();
      await page.locator('.commands').waitFor();
      expect(await overflow(page)).toBe(0);
      expect(await axeViolations(page)).toEqual([]);
      await page.keyboard.press('Escape');
      await openRow(page, 'Resources', 'Enrich-Mail');
      await page.getByRole('button', { name: 'Draw where its secrets go' }).click();
      await page.locator('.drawing svg .node').first().waitFor();
      expect(await overflow(page)).toBe(0);
      expect(await axeViolations(page)).toEqual([]);
    },
  );

  it('is found its way through by keyboard alone', async () => {
    const { page } = await visit(browser, hostUrl, { key: '' });
    const focused = (): Promise<string> => page.evaluate(() => document.activeElement?.textContent ?? '');
    const tabTo = async (text: string | RegExp): Promise<void> => {
      for (let presses = 0; presses < 60; presses += 1) {
        await page.keyboard.press('Tab');
        const now = await focused();
        if (typeof text === 'string' ? now === text : text.test(now)) return;
      }
      throw new Error(`Tab does not lead to ${String(text)}.`);
    };
    // The field has the focus from the start.
    await page.getByLabel('Function key').waitFor();
    await page.keyboard.type(HOST_KEY);
    await page.keyboard.press('Enter');
    await page.getByText(/^As of/).waitFor();
    await tabTo('Records');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Records' }).waitFor();
    expect(await focused()).toBe('Records');
    await page.keyboard.press('Tab');
    await page.keyboard.type('kv-payments firewall');
    await tabTo('kv-payments');
    expect(
      await page.evaluate(() => getComputedStyle(document.activeElement ?? document.body).outlineStyle),
    ).toBe('solid');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    expect(await focused()).toBe('kv-payments');
    // The focus stays in the drawer, all around.
    for (let presses = 0; presses < 40; presses += 1) {
      await page.keyboard.press('Tab');
      expect(
        await page.evaluate(
          () =>
            document.activeElement === document.body || document.activeElement?.closest('dialog') !== null,
        ),
      ).toBe(true);
    }
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    expect(await focused()).toBe('kv-payments');
  });
});
