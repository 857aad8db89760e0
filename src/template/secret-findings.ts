import { NOTHING, type Part } from './checked.js';
import { forAPerson, sentence } from './read-plan.js';
import { ruleOf } from './rules.js';

/** A secret in plain text that is the template's own, and no workflow's. */
export interface FoundSecret {
  /** JSON pointer from the file's root. */
  readonly at: string;
  readonly message: string;
  readonly step: string;
  /** The template itself where nothing is said. */
  readonly resource?: string;
}

export function secretFindings(found: readonly FoundSecret[]): Part {
  const rule = ruleOf('template-plaintext-secrets');
  return {
    ...NOTHING,
    findings: found.map(({ at, message, step, resource = 'template' }) =>
      forAPerson({
        rule: rule.id,
        severity: rule.severity,
        message: sentence(message),
        step: sentence(step),
        resource,
        pointer: at,
        about: at,
      }),
    ),
  };
}
