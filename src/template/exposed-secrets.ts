import { pointerKeys, pointerTo, valueAt } from '../types/apply-edits.js';
import { getIgnoringCase, isJsonObject, type Json, type JsonObject } from '../types/json.js';
import { propertiesOf } from '../types/observation.js';
import { HOLE } from '../workflow/folded.js';
import { isPlaceholder } from '../workflow/plaintext/credential-value.js';
import { plaintextSecretsOf } from '../workflow/plaintext/plaintext-secrets.js';
import { isSecureType } from '../workflow/secure-parameters.js';
import { NOTHING, type Part, type Undecided } from './checked.js';
import { originOf, type Materialised } from './materialise.js';
import { forAPerson } from './read-plan.js';
import { ruleOf } from './rules.js';
import type { Subject } from './subject.js';

/**
 * What a template knows to be secret and writes into a workflow where everybody reads it: a secure parameter, the keys of
 * `listKeys()`. In the workflow's own secure parameters Azure does not show it.
 */
export function exposedSecrets({ from, label, document }: Subject): Part {
  const findings = [...from.substitutions].flatMap(([at, { secrets }]) => {
    if (secrets.length === 0 || !at.startsWith('/properties/') || isSecureParameter(at, document)) return [];
    return [
      forAPerson({
        rule: RULE.id,
        severity: 'high',
        message: `The deployment writes ${secrets.join(', ')} into the workflow in plain text.`,
        step: STEP,
        resource: label,
        pointer: originOf(from, at).nearest,
        about: at,
      }),
    ];
  });
  return { ...NOTHING, findings };
}

/** Its value, or its default: Azure gives back neither. */
function isSecureParameter(at: string, workflow: JsonObject): boolean {
  const [, name] =
    /^\/properties\/(?:definition\/)?parameters\/([^/]+)\/(?:value|defaultValue)(?:\/|$)/i.exec(at) ?? [];
  const definition = getIgnoringCase(propertiesOf(workflow), 'definition');
  const declared = getIgnoringCase(
    getIgnoringCase(definition, 'parameters'),
    pointerKeys(`/${name ?? ''}`)[0] ?? '',
  );
  return name !== undefined && isSecureType(getIgnoringCase(declared, 'type'));
}

/** What a credential may look like; it is put in for what only the deployment knows, and never shown. */
const ANY_CREDENTIAL = 'q7Xk2Lm9Zr4Tb8Vn1Pc6Wd3Y';

/** The places of a workflow in which what a deployment gives would be a secret in plain text, if it is one. */
export function maybeSecrets({ from, label, document }: Subject): Part {
  const open = [...from.substitutions].filter(
    ([at, { secrets }]) => secrets.length === 0 && isOpen(at, from),
  );
  if (open.length === 0) return NOTHING;
  const places = new Set(open.map(([at]) => at));
  const certain = new Set(plaintextSecretsOf(document).map(({ pointer }) => pointer));
  const supposed = filled(document, '', places) as JsonObject;
  const undecided = plaintextSecretsOf(supposed)
    .filter(({ pointer }) => places.has(pointer) && !certain.has(pointer))
    .filter(({ pointer }) => !isSecureParameter(pointer, document))
    .map(({ pointer, kind }): Undecided => ({
      rule: RULE.id,
      message: `The deployment decides whether a secret stands here in plain text: ${kind}.`,
      step: STEP,
      resource: label,
      pointer: originOf(from, pointer).nearest,
      about: pointer,
    }));
  return { ...NOTHING, undecided };
}

const RULE = ruleOf('workflow-plaintext-secrets');
const STEP =
  'Declare the parameter as securestring, in the template and in the workflow, or let the workflow read the secret from a vault.';

/** A default that asks for a value is as good as none. */
function isOpen(at: string, { json, substitutions }: Materialised): boolean {
  const value = valueAt(json, at);
  if (typeof value !== 'string') return false;
  return value.includes(HOLE) || ((substitutions.get(at)?.defaults.length ?? 0) > 0 && isPlaceholder(value));
}

function filled(json: Json, at: string, places: ReadonlySet<string>): Json {
  if (typeof json === 'string') {
    if (!places.has(at)) return json;
    return json.includes(HOLE) ? json.replaceAll(HOLE, ANY_CREDENTIAL) : ANY_CREDENTIAL;
  }
  if (Array.isArray(json))
    return (json as readonly Json[]).map((item, i) => filled(item, `${at}/${i}`, places));
  if (!isJsonObject(json)) return json;
  return Object.fromEntries(
    Object.entries(json).map(([key, value]) => [
      key,
      value === undefined ? value : filled(value, pointerTo(at, key), places),
    ]),
  );
}
