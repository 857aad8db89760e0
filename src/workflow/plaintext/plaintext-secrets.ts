import { toPointer } from '../../types/apply-edits.js';
import type { WorkflowDocument } from '../../types/observation.js';
import { hasHole } from '../folded.js';
import {
  isPlaceholder,
  isReference,
  isSecretName,
  looksLikeCredential,
  withoutScheme,
} from './credential-value.js';
import type { KeyAlone } from './key-alone.js';
import { placesOf, type Field, type Place, type SecretKey } from './places.js';
import { secretNamesOf } from './secret-names.js';
import { tellingParameter, type Telling } from './telling-name.js';
import { holdsAlone, textAloneOf, type TextAlone } from './text-alone.js';

/** A place where a workflow holds a credential in plain text. Nothing of the credential is in it. */
export interface PlaintextSecret {
  /** JSON pointer from the resource's root. */
  readonly pointer: string;
  /** What it is, e.g. `storage account key`. */
  readonly kind: string;
  /** `format`: it is known by its looks. `name`: what it is called says so, and it looks like one. */
  readonly knownBy: 'format' | 'name';
}

/** In the order of the document, one for each place. Never throws, and is near linear in the document's size. */
export function plaintextSecretsOf(workflow: WorkflowDocument): readonly PlaintextSecret[] {
  const { places, keys } = placesOf(workflow, mayHold);
  const isSecretName = secretNamesOnce(workflow);
  const found: PlaintextSecret[] = [];
  for (const place of places) {
    const alone = textAloneOf(place.value);
    const kind = alone.format ?? kindByName(place, alone);
    if (kind === null || (alone.format === null && isSecretName(place))) continue;
    const knownBy = alone.format === null ? 'name' : 'format';
    found.push({ pointer: toPointer(place.path), kind, knownBy });
  }
  return withoutSecretKeys(found, keys);
}

function mayHold(text: string, called: KeyAlone, field: Field): boolean {
  return field === 'authentication' || tellingOf(called, field) !== null || holdsAlone(text);
}

/** Whether what a place gives a value to does nothing but name a secret; seldom asked, and much work. */
function secretNamesOnce(workflow: WorkflowDocument): (place: Place) => boolean {
  let names: ReadonlySet<string> | undefined;
  return ({ binding }) => binding !== null && (names ??= secretNamesOf(workflow)).has(binding);
}

/** What the name of a place tells; a parameter of a query has names of its own. */
function tellingOf({ name, telling }: KeyAlone, field: Field): Telling | null {
  return field === 'query' ? tellingParameter(name) : telling;
}

function kindByName({ called, field }: Place, { values, kindWithin }: TextAlone): string | null {
  if (field === 'authentication' && values.some(isGiven)) return authenticationKind(called.name);
  const telling = tellingOf(called, field);
  if (telling !== null && values.some((value) => looksLikeCredential(value, telling.demand)))
    return telling.kind;
  return kindWithin;
}

/** Where an authentication object takes a credential, whatever is written there is one. */
function isGiven(value: string): boolean {
  const credential = withoutScheme(value.trim());
  if (hasHole(credential)) return looksLikeCredential(credential, 'random');
  return !isPlaceholder(credential) && !isReference(credential) && !isSecretName(credential);
}

function authenticationKind(name: string): string {
  switch (name.toLowerCase()) {
    case 'password':
      return 'password';
    case 'secret':
      return 'client secret';
    case 'pfx':
      return 'certificate with its private key';
    default:
      return 'Authorization header';
  }
}

/**
 * A pointer holds the keys on its way. Where one of them is a credential, what is found goes to the object that
 * has the key.
 */
function withoutSecretKeys(
  found: readonly PlaintextSecret[],
  secretKeys: readonly SecretKey[],
): readonly PlaintextSecret[] {
  if (secretKeys.length === 0) return found;
  const open = new Map<string, { readonly parent: string; readonly kind: string }>();
  for (const { path, kind } of secretKeys) {
    open.set(toPointer(path), { parent: toPointer(path.slice(0, -1)), kind });
  }
  const onKeys = new Map<string, string>();
  for (const { parent, kind } of open.values()) if (!isUnder(parent, open)) onKeys.set(parent, kind);
  return [
    ...found.filter(({ pointer }) => !isUnder(pointer, open)),
    ...[...onKeys].map(([pointer, kind]): PlaintextSecret => ({ pointer, kind, knownBy: 'format' })),
  ];
}

/** Whether a pointer is one of these, or leads through one. */
function isUnder(pointer: string, pointers: ReadonlyMap<string, unknown>): boolean {
  for (let end = pointer.indexOf('/', 1); end >= 0; end = pointer.indexOf('/', end + 1)) {
    if (pointers.has(pointer.slice(0, end))) return true;
  }
  return pointers.has(pointer);
}
