import type { z } from 'zod';
import { invalidContent } from '../arm/arm-error.js';
import type { ArmFailure } from '../arm/arm-error.js';

/** The body, where the schema takes it; otherwise the first thing that is wrong with it, in ARM's words. */
export function readBody<B>(schema: z.ZodType<B>, sent: unknown): B {
  const parsed = schema.safeParse(sent);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw issue === undefined ? invalidContent('The content is invalid') : refusalOf(issue);
}

/**
 * Json.NET's wordings, which ARM passes on, e.g.
 * https://github.com/ansible-collections/azure/issues/1134. Services have their own codes for what they do not take;
 * that a request with it is refused is what counts here.
 */
function refusalOf(issue: z.core.$ZodIssue): ArmFailure {
  const path = pathText(issue.path);
  if (issue.code === 'unrecognized_keys') {
    const [member = ''] = issue.keys;
    const at = path === '' ? member : `${path}.${member}`;
    return invalidContent(
      `Could not find member '${member}' on object of type 'ResourceDefinition'. Path '${at}'`,
    );
  }
  if (issue.code === 'invalid_type' && issue.message.endsWith('received undefined')) {
    const name = String(issue.path.at(-1));
    const parent = pathText(issue.path.slice(0, -1));
    return invalidContent(`Required property '${name}' not found in JSON. Path '${parent}'`);
  }
  return invalidContent(`Error converting value: ${issue.message}. Path '${path}'`);
}

function pathText(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, step) =>
      typeof step === 'number' ? `${text}[${step}]` : text === '' ? String(step) : `${text}.${String(step)}`,
    '',
  );
}
