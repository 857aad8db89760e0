import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startChromium } from '../../bench/chromium.js';
import { shut, vault, vaultPath } from '../../demo/estate.js';
import { settle } from '../../demo/settle.js';
import { startStack, SUBSCRIPTION, type Stack } from '../../demo/stack.js';
import { axeViolations } from './axe.js';
import { expectGoodManners, HOST_KEY, KEYS, openRow, visit } from './visit.js';

/*
 * An installation in which `AzureWebJobs.policy.Disabled` takes the function away that the page asks first: the host
 * answers 404 to it, with a key and without.
 */

let browser: Browser;
let stack: Stack;

beforeAll(async () => {
  const settings = {
    'AzureWebJobs.policy.Disabled': 'true',
    HOLDFAST_REMEDIATORS: 'vault-firewall=approve',
  };
  [browser, stack] = await Promise.all([startChromium(), startStack({ keys: KEYS, settings })]);
  const { azure } = stack.simulator;
  azure.addResourceGroup(SUBSCRIPTION, 'rg-security', 'westeurope');
  const networkAcls = { ...shut('198.51.100.0/24'), defaultAction: 'Allow' };
  const properties = { enableSoftDelete: true, enablePurgeProtection: true, networkAcls };
  await azure.as('bob@contoso.com').put(vaultPath('kv-one'), vault(azure, properties));
  await stack.sweep();
  await settle(stack);
}, 120_000);
afterAll(async () => {
  await browser.close();
  await stack.close();
});

describe('with the function policy switched off', () => {
  it('the page asks for a key, and refuses a wrong one', async () => {
    const { page } = await visit(browser, stack.hostUrl, { key: '' });
    await page.getByLabel('Function key').fill('no-such-key-at-all');
    await page.keyboard.press('Enter');
    expect(await page.getByRole('alert').innerText()).toContain('This key opens nothing here');
  });

  it('shows all else, and what it cannot know for want of it is said and not guessed', async () => {
    const seen = await visit(browser, stack.hostUrl);
    const { page } = seen;
    const three = await page.locator('.three').innerText();
    expect(three).toContain('1 drift not put right');
    // It waits for approval: that the next sweep puts it right would not be true.
    expect(three).not.toContain('Wait for the next sweep');
    expect(three).toContain('How Holdfast is set cannot be told');
    await openRow(page, 'Records', 'kv-one firewall planned');
    const drawer = page.getByRole('dialog');
    await drawer.getByText('How Holdfast is set is not known here').waitFor();
    await drawer.locator('button:not([aria-disabled])', { hasText: 'Dry run' }).waitFor();
    expect(await axeViolations(page)).toEqual([]);
    expectGoodManners(seen, stack.hostUrl, [HOST_KEY]);
  });
});
