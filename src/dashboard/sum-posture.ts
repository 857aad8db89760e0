import type { FindingSource, RemediatorPosture, ScopePosture } from './answers.js';

/** The scopes that lie in no other of them: a resource of a group that is named beside its subscription counts once. */
export function outermost(scopes: readonly ScopePosture[]): readonly ScopePosture[] {
  return scopes.filter(
    ({ scope }, index) =>
      !scopes.some(
        (other, otherIndex) =>
          scope.startsWith(`${other.scope}/`) || (scope === other.scope && otherIndex < index),
      ),
  );
}

/** How a practice is kept in all of these scopes. */
export function sumPosture(id: FindingSource, scopes: readonly ScopePosture[]): RemediatorPosture {
  const counted = id === 'self-audit' ? onePerSubscription(scopes) : outermost(scopes);
  const all = counted.flatMap(({ remediators }) => remediators[id] ?? []);
  const sum = (count: (one: RemediatorPosture) => number): number =>
    all.reduce((total, one) => total + count(one), 0);
  return {
    compliant: sum((one) => one.compliant),
    drifted: sum((one) => one.drifted),
    refused: sum((one) => one.refused),
    exempt: sum((one) => one.exempt),
    findings: {
      high: sum((one) => one.findings.high),
      medium: sum((one) => one.findings.medium),
      low: sum((one) => one.findings.low),
    },
  };
}

/** What is found about Holdfast itself is about a subscription, and told in each of its scopes. */
function onePerSubscription(scopes: readonly ScopePosture[]): readonly ScopePosture[] {
  const subscriptionOf = ({ scope }: ScopePosture): string => scope.split('/')[2] ?? scope;
  return [...new Map(scopes.map((scope) => [subscriptionOf(scope), scope])).values()];
}
