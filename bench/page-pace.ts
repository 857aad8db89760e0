import type { Page } from 'playwright-core';
import { median } from './median.js';

/** How fast a page is to whoever looks at it, in milliseconds. */
export interface PagePace {
  /** From going to the address to the first that is painted of the page itself, its key being known. */
  readonly firstPaint: number;
  /** From a letter typed into a search to when what is found is painted. */
  readonly filter: number;
}

/** In the page, because the driver's own time is not the page's. */
const FIRST_PAINT = `performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? null`;

/** The frame after the next is painted when the next one is: that one shows what was found. */
const FILTER = (label: string, text: string): string => `new Promise((resolve) => {
  const label = [...document.querySelectorAll('label')].find(({ textContent }) => textContent === ${JSON.stringify(label)});
  const field = document.getElementById(label.htmlFor);
  field.value = ${JSON.stringify(text)};
  const startedAt = performance.now();
  field.dispatchEvent(new Event('input', { bubbles: true }));
  requestAnimationFrame(() => requestAnimationFrame(() => resolve(performance.now() - startedAt)));
})`;

async function firstPaint(page: Page): Promise<number> {
  for (;;) {
    const at: number | null = await page.evaluate(FIRST_PAINT);
    if (at !== null) return at;
  }
}

const WORDS = ['p', 'pe', 'person-7', 'person-7 kv', 'firewall', 'secure refused', ''];

/** Measures a page whose key is in the tab already: it is loaded anew, and then searched, each several times. */
export async function pagePace(page: Page, rounds: number): Promise<PagePace> {
  const paints: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    await page.reload();
    await page.waitForSelector('header');
    paints.push(await firstPaint(page));
    // Else the next one would wait for what this one has asked for.
    await page.getByText(/^As of/).waitFor({ timeout: 120_000 });
  }
  const filters: number[] = [];
  for (const [view, label] of [
    ['Records', 'Search records'],
    ['Resources', 'Search resources'],
  ] as const) {
    await page.getByRole('link', { name: view, exact: true }).click();
    await page.getByRole('heading', { level: 1, name: view }).waitFor();
    for (let round = 0; round < rounds; round += 1)
      for (const word of WORDS) filters.push(await page.evaluate<number>(FILTER(label, word)));
  }
  return { firstPaint: median(paints), filter: median(filters) };
}
