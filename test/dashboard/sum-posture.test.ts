import { describe, expect, it } from 'vitest';
import type { RemediatorPosture, ScopePosture } from '../../src/dashboard/answers.js';
import { sumPosture } from '../../src/dashboard/sum-posture.js';

const counts = (drifted: number, high: number): RemediatorPosture => ({
  compliant: 1,
  drifted,
  exempt: 0,
  refused: 0,
  findings: { high, medium: 0, low: 0 },
});
const scope = (id: string, drifted: number, high = 0): ScopePosture => ({
  scope: id,
  resources: 1 + drifted,
  remediators: { 'vault-firewall': counts(drifted, 0), 'self-audit': counts(0, high) },
});
const drift = (...scopes: readonly ScopePosture[]): number => sumPosture('vault-firewall', scopes).drifted;

describe('what is counted over several scopes', () => {
  it.each<[string, readonly ScopePosture[], number]>([
    ['two subscriptions', [scope('/subscriptions/a', 1), scope('/subscriptions/b', 2)], 3],
    [
      'a subscription and a group in it, once',
      [scope('/subscriptions/a/resourcegroups/rg', 1), scope('/subscriptions/a', 2)],
      2,
    ],
    [
      'a group whose name begins as another’s',
      [scope('/subscriptions/a/resourcegroups/rg', 1), scope('/subscriptions/a/resourcegroups/rg-2', 2)],
      3,
    ],
    ['one that is named twice, once', [scope('/subscriptions/a', 2), scope('/subscriptions/a', 2)], 2],
  ])('is %s', (_name, scopes, expected) => {
    expect(drift(...scopes)).toBe(expected);
  });

  it('tells what is found about Holdfast itself once for each subscription', () => {
    const scopes = [
      scope('/subscriptions/a/resourcegroups/one', 0, 1),
      scope('/subscriptions/a/resourcegroups/two', 0, 1),
      scope('/subscriptions/b', 0, 2),
    ];
    expect(sumPosture('self-audit', scopes).findings.high).toBe(3);
  });
});
