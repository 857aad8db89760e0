import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startChromium } from '../../bench/chromium.js';
import {
  getSecret,
  http,
  keyVaultConnection,
  playbook,
  connectionPath,
  workflowPath,
  vault,
  shut,
  vaultPath,
} from '../../demo/estate.js';
import { settle } from '../../demo/settle.js';
import { startStack, SUBSCRIPTION, type Stack } from '../../demo/stack.js';
import { recordId } from '../../src/engine/record/record-id.js';
import { createAuditLog } from '../../src/state/audit-log.js';
import { createStandings } from '../../src/state/standings.js';
import { parseResourceId } from '../../src/types/resource-id.js';
import { connect } from '../state/azurite.js';
import { axeViolations } from './axe.js';
import { expectGoodManners, goTo, KEYS, openRow, overflow, visit } from './visit.js';

/*
 * Whoever may write a workflow, a tag or a name gets their text onto the page. It is shown, and nothing else comes of it.
 */

const MARKUP = '<img src=x onerror=alert(1)>';
const SCRIPT = '</script><script>alert(2)</script>';
const TURNED = 'abc\u202egnp.exe';
const LONG = 'x'.repeat(3000);
const HEBREW = 'rg-\u05e9\u05dc\u05d5\u05dd';

let browser: Browser;
let stack: Stack;

beforeAll(async () => {
  [browser, stack] = await Promise.all([startChromium(), startStack({ keys: KEYS })]);
  const { azure } = stack.simulator;
  azure.addResourceGroup(SUBSCRIPTION, 'rg-security', 'westeurope');
  await azure
    .as('alice@contoso.com')
    .put(vaultPath('kv-one'), vault(azure, { networkAcls: shut('198.51.100.0/24') }));
  await azure
    .as('alice@contoso.com')
    .put(connectionPath('keyvault'), keyVaultConnection('kv-one', 'managed-identity'));
  const uses = (action: string): string => `@{body('${action}')?['value']}`;
  const actions = {
    [MARKUP]: getSecret(SCRIPT),
    [TURNED]: http({ method: 'POST', uri: 'https://example.org', body: uses(MARKUP) }),
    ['y'.repeat(80)]: http({ method: 'POST', uri: 'https://example.org', body: uses(MARKUP) }),
  };
  await azure.as('mallory@contoso.com').put(workflowPath('Hostile'), playbook(actions, 'keyvault'));
  await stack.sweep();
  await settle(stack);
  await seed();
}, 120_000);
afterAll(async () => {
  await browser.close();
  await stack.close();
});

/** What no resource of the simulator can be called, and what a store may hold all the same. */
async function seed(): Promise<void> {
  const account = connect(stack.storage);
  const now = new Date();
  const group = `/subscriptions/${SUBSCRIPTION}/resourceGroups/${HEBREW}`;
  const resourceId = `${group}/providers/Microsoft.KeyVault/vaults/kv-two`;
  await createAuditLog(account).write([
    {
      id: recordId(now),
      writeId: SCRIPT,
      time: now.toISOString(),
      correlationId: MARKUP,
      trigger: 'event',
      actor: { id: TURNED, name: MARKUP, ip: SCRIPT },
      resourceId,
      remediator: 'vault-firewall',
      mode: 'enforce',
      outcome: 'failed',
      edits: [
        {
          op: 'set',
          path: `/${MARKUP}/${LONG}`,
          before: { [SCRIPT]: TURNED, long: LONG },
          after: MARKUP,
          reason: `${MARKUP}\n${TURNED}`,
        },
        { op: 'add', path: '/a', before: null, after: SCRIPT, reason: LONG },
      ],
      warnings: [MARKUP, LONG],
      error: SCRIPT,
      armRequestId: MARKUP,
      durationMs: 1,
    },
  ]);
  await createStandings(account).write(parseResourceId(resourceId), {
    resourceId,
    remediators: { 'vault-firewall': 'drifted' },
    findings: [
      {
        id: 'a'.repeat(32),
        remediator: 'vault-firewall',
        severity: 'high',
        reason: `${MARKUP} ${TURNED}`,
        step: `${SCRIPT} ${LONG}`,
        since: now.toISOString(),
      },
    ],
    accepted: {},
  });
}

describe.each([400, 1600])('hostile names at %i px', (width) => {
  it('are shown as they are, do nothing, and reach over no edge', async () => {
    const { hostUrl } = stack;
    const seen = await visit(browser, hostUrl, { width });
    const { page } = seen;
    const isCalm = async (where: string): Promise<void> => {
      expect(
        await page.evaluate(
          () => document.querySelectorAll('img, iframe, object, body script ~ script, [onerror]').length,
        ),
        where,
      ).toBe(0);
      expect(await page.evaluate(() => document.documentElement.outerHTML.includes('\u202e')), where).toBe(
        false,
      );
      expect(await overflow(page), where).toBe(0);
      expect(await axeViolations(page), where).toEqual([]);
    };
    await isCalm('overview');
    await goTo(page, 'Findings');
    expect(await page.locator('.finding', { hasText: 'kv-two' }).first().innerText()).toContain(
      `${MARKUP} abc\\u202egnp.exe`,
    );
    await isCalm('findings');
    await goTo(page, 'Records');
    await isCalm('records');
    await openRow(page, 'Records', 'kv-two');
    const drawer = page.getByRole('dialog');
    expect(await drawer.innerText()).toContain(SCRIPT);
    expect(await drawer.innerText()).toContain(MARKUP);
    expect(await drawer.locator('.diff').first().innerText()).toContain('abc\\u202egnp.exe');
    await isCalm('a record');
    await page.keyboard.press('Escape');
    await openRow(page, 'Resources', 'hostile');
    await drawer.getByRole('button', { name: 'Draw where its secrets go' }).click();
    await drawer.locator('.drawing svg .node').first().waitFor();
    await drawer.getByText('The flow in words').click();
    expect(await drawer.locator('.flow ol').innerText()).toContain(MARKUP);
    expect(await drawer.locator('.flow ol').innerText()).toContain('abc\\u202egnp.exe');
    await isCalm('a secret flow');
    await drawer.getByRole('button', { name: 'How to exempt' }).click();
    await drawer.getByRole('button', { name: 'Show the command' }).click();
    await drawer.locator('.exempt pre').first().waitFor();
    await page.keyboard.press('Escape');
    await openRow(page, 'Resources', 'kv-two');
    await drawer.getByRole('button', { name: 'How to exempt' }).click();
    await drawer.getByRole('button', { name: 'Show the command' }).click();
    expect(await drawer.locator('.exempt pre').first().innerText()).toContain(
      `'/subscriptions/${SUBSCRIPTION}/resourceGroups/${HEBREW}/providers/Microsoft.KeyVault/vaults/kv-two'`,
    );
    expectGoodManners(seen, hostUrl);
  });
});
