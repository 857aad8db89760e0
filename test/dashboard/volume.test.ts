import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startChromium } from '../../bench/chromium.js';
import { pagePace, type PagePace } from '../../bench/page-pace.js';
import { seedPast } from '../../bench/seed-records.js';
import { startStack, SUBSCRIPTION, type Stack } from '../../demo/stack.js';
import { connect } from '../state/azurite.js';
import { axeViolations } from './axe.js';
import { expectGoodManners, goTo, KEYS, visit } from './visit.js';

/*
 * Ten thousand records and five thousand resources, in a storage account that is a real server.
 */

const RECORDS = 10_000;
const RESOURCES = 5000;

let browser: Browser;
let stack: Stack;
let empty: PagePace;

beforeAll(async () => {
  [browser, stack] = await Promise.all([startChromium(), startStack({ keys: KEYS })]);
  const { page, context } = await visit(browser, stack.hostUrl);
  empty = await pagePace(page, 1);
  await context.close();
  const account = connect(stack.storage);
  await seedPast(account, {
    records: RECORDS,
    resources: RESOURCES,
    subscription: SUBSCRIPTION,
    now: Date.now(),
  });
}, 180_000);
afterAll(async () => {
  await browser.close();
  await stack.close();
});

describe('with ten thousand records and five thousand resources', () => {
  it('shows all of them by the hundred, found by any word', async () => {
    const seen = await visit(browser, stack.hostUrl);
    const { page } = seen;
    expect(await page.getByText('5,000 resources in 1 scope').count()).toBe(1);
    await goTo(page, 'Records');
    const count = page.locator('.view:not([hidden]) .count');
    expect(await count.innerText()).toBe('10,000 records, showing 1 to 100');
    const rows = page.locator('.view:not([hidden]) tbody tr');
    expect(await rows.count()).toBe(100);
    await page.getByRole('button', { name: 'Next' }).click();
    expect(await count.innerText()).toBe('10,000 records, showing 101 to 200');
    await page.getByLabel('Search records').fill('person-7@contoso.com refused');
    const found = Array.from({ length: RECORDS }, (_, i) => i).filter(
      (i) => i % 9 === 0 && i % 3 !== 0 && i % 50 === 7,
    );
    expect(await count.innerText()).toBe(`${found.length} of 10,000 records`);
    await page.getByLabel('Search records').fill('person-7@contoso.com repaired');
    expect(await count.innerText()).toMatch(/^1\d\d of 10,000 records, showing 1 to 100$/);
    await goTo(page, 'Resources');
    expect(await count.innerText()).toBe('5,000 resources, showing 1 to 100');
    await page.getByLabel('Standing').selectOption('drifted');
    expect(await count.innerText()).toMatch(/^\d+ of 5,000 resources/);
    expect(
      new Set(await page.locator('.view:not([hidden]) tbody tr td:nth-child(2)').allInnerTexts()),
    ).toEqual(new Set(['drifted']));
    expect(await axeViolations(page)).toEqual([]);
    expectGoodManners(seen, stack.hostUrl);
  });

  it('paints as soon as an empty page does, and searches within some frames of it', async () => {
    const { page } = await visit(browser, stack.hostUrl);
    const full = await pagePace(page, 1);
    // What the ratios are is measured in bench/; here it is held that what is seen first does not wait for the estate.
    expect(full.firstPaint / empty.firstPaint).toBeLessThan(4);
    expect(full.filter / empty.filter).toBeLessThan(8);
  });
});
