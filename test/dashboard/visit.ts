import { expect } from 'vitest';
import type { Browser, BrowserContext, Page } from 'playwright-core';

export const KEYS = {
  master: 'master-key-of-the-tests',
  functionKeys: { default: 'host-key-of-the-tests' },
  functions: {
    audit: { reader: 'key-of-audit-alone', lone: 'key-of-one-function' },
    posture: { reader: 'key-of-audit-alone' },
    policy: { reader: 'key-of-audit-alone' },
    findings: { reader: 'key-of-audit-alone' },
    resources: { reader: 'key-of-audit-alone' },
  },
} as const;
export const HOST_KEY = KEYS.functionKeys.default;
export const READ_KEY = KEYS.functions.audit.reader;

export interface VisitOptions {
  readonly width?: number;
  readonly scheme?: 'light' | 'dark';
  readonly key?: string;
  readonly hash?: string;
}

/** A page that somebody has opened, and all that the browser did for it. */
export interface Visit {
  readonly page: Page;
  readonly context: BrowserContext;
  readonly requests: readonly {
    readonly url: string;
    readonly method: string;
    readonly headers: Record<string, string>;
  }[];
  /** Errors of the program, and what the content security policy has stopped. */
  readonly faults: readonly string[];
}

/** Opens the page and signs in with a key, unless that is empty; waits until everything has come. */
export async function visit(browser: Browser, hostUrl: string, options: VisitOptions = {}): Promise<Visit> {
  const { width = 1600, scheme = 'light', key = HOST_KEY, hash = '' } = options;
  const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme: scheme });
  context.setDefaultTimeout(10_000);
  const page = await context.newPage();
  const requests: { url: string; method: string; headers: Record<string, string> }[] = [];
  const faults: string[] = [];
  page.on('request', (request) => {
    requests.push({ url: request.url(), method: request.method(), headers: request.headers() });
  });
  page.on('pageerror', ({ message }) => faults.push(message));
  page.on('dialog', (dialog) => {
    faults.push(`a dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('console', (message) => {
    // A route that refuses is an error to the console, too.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
      faults.push(message.text());
  });
  await page.addInitScript(() => {
    addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => {
      console.error(`policy: ${violatedDirective} ${blockedURI}`);
    });
  });
  await page.goto(`${hostUrl}/api/dashboard${hash}`);
  if (key !== '') {
    await enter(page, key);
    await hasLoaded(page);
  }
  return { page, context, requests, faults };
}

/** Signs in with a key. */
export async function enter(page: Page, key: string): Promise<void> {
  await page.getByLabel('Function key').fill(key);
  await page.keyboard.press('Enter');
}

/** Has a route answer with a problem, as the app does. */
export async function failWith(page: Page, url: string | RegExp, detail: string): Promise<void> {
  await page.route(url, (route) =>
    route.fulfill({
      status: 503,
      contentType: 'application/problem+json',
      body: JSON.stringify({ detail, status: 503 }),
    }),
  );
}

/** Waits until all that was asked for has come. */
export async function hasLoaded(page: Page): Promise<void> {
  await page.getByText(/^As of/).waitFor({ timeout: 60_000 });
}

/** Goes to a view by its link. */
export async function goTo(
  page: Page,
  view: 'Overview' | 'Findings' | 'Records' | 'Resources',
): Promise<void> {
  await page.getByRole('link', { name: view, exact: true }).click();
  await page.getByRole('heading', { level: 1, name: view }).waitFor();
}

/** Opens the drawer of what a table names. */
export async function openRow(page: Page, view: 'Records' | 'Resources', search: string): Promise<void> {
  await goTo(page, view);
  await page.getByLabel(`Search ${view.toLowerCase()}`).fill(search);
  await page.getByRole('table').getByRole('rowheader').getByRole('button').first().click();
  await page.getByRole('dialog').waitFor();
}

/** Everything that was asked for by a page, and nothing beside. */
export function expectGoodManners(
  { requests, faults }: Visit,
  hostUrl: string,
  keys: readonly string[] = [HOST_KEY],
): void {
  expect(faults).toEqual([]);
  const others = requests.filter(({ url }) => !url.startsWith(`${hostUrl}/`) && !url.startsWith('data:'));
  expect(others.map(({ url }) => url)).toEqual([]);
  for (const key of keys) {
    expect(requests.filter(({ url }) => decodeURIComponent(url).includes(key)).map(({ url }) => url)).toEqual(
      [],
    );
    expect(requests.filter(({ headers }) => (headers.cookie ?? '').includes(key))).toEqual([]);
  }
}

/** How far the page reaches beyond what is seen, in pixels; 0 is not at all. */
export async function overflow(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}
