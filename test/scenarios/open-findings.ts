import { expect } from 'vitest';
import type { FindingsPage } from '../../src/engine/findings.js';
import type { Scenario } from './scenario.js';

export type ListedFinding = FindingsPage['findings'][number];

/** What stands open now, all pages of it. */
export async function openFindings(
  { stack }: Pick<Scenario, 'stack'>,
  query: Readonly<Record<string, string>> = {},
): Promise<readonly ListedFinding[]> {
  const found: ListedFinding[] = [];
  for (let token: string | null = ''; token !== null;) {
    const search = new URLSearchParams({ ...query, ...(token === '' ? {} : { continuationToken: token }) });
    const answer = await fetch(`${stack.hostUrl}/api/findings?${search.toString()}`);
    expect(answer.status).toBe(200);
    const page = (await answer.json()) as FindingsPage;
    found.push(...page.findings);
    token = page.continuationToken;
  }
  return found;
}
