import type { Browser, Page } from 'playwright-core';
import { startStack, SUBSCRIPTION } from '../demo/stack.js';
import { connect } from '../test/state/azurite.js';
import { startChromium } from './chromium.js';
import type { Figure } from './figure.js';
import { pagePace } from './page-pace.js';
import { seedPast } from './seed-records.js';

/** In a tab that has the key already, as one has that is loaded anew; where it is kept: src/dashboard/session-key.ts. */
const KEY = 'bench';
const KEYS = { master: KEY, functionKeys: { default: KEY } };
const ROUNDS = 7;

/** The dashboard's page with many records and resources, against the same page of an installation that has none. */
export const dashboardPace: Figure = {
  keys: ['dashboardPaintRatio', 'dashboardFilterRatio'],
  async measure({ isQuick, progress }) {
    progress('measuring the dashboard');
    const [stack, browser] = await Promise.all([startStack({ keys: KEYS }), startChromium()]);
    try {
      const empty = await pagePace(await signedIn(browser, stack.hostUrl), ROUNDS);
      const size = isQuick ? { records: 1000, resources: 500 } : { records: 10_000, resources: 5000 };
      progress(`writing ${size.records} records and ${size.resources} resources`);
      await seedPast(connect(stack.storage), { ...size, subscription: SUBSCRIPTION, now: Date.now() });
      const full = await pagePace(await signedIn(browser, stack.hostUrl), ROUNDS);
      return {
        values: {
          dashboardPaintRatio: full.firstPaint / empty.firstPaint,
          dashboardFilterRatio: full.filter / empty.filter,
        },
        computedFrom: { ...size, emptyMs: empty, fullMs: full },
        broken: [],
      };
    } finally {
      await browser.close();
      await stack.close();
    }
  },
};

async function signedIn(browser: Browser, hostUrl: string): Promise<Page> {
  const page = await browser.newPage();
  await page.goto(`${hostUrl}/api/dashboard`);
  await page.getByLabel('Function key').fill(KEY);
  await page.keyboard.press('Enter');
  await page.getByText(/^As of/).waitFor({ timeout: 120_000 });
  return page;
}
