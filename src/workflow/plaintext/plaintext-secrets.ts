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
import { placesOf, type Field, type Path, type Place } from './places.js';
import { markedIn, mayBeRecognised, recognise, type Marked } from './recognised.js';
import { secretNamesOf } from './secret-names.js';
import { tellingName, tellingParameter, type Telling } from './telling-name.js';
import { mayHoldAlone, textAloneOf, type TextAlone } from './text-alone.js';

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
  const texts = new Map<string, TextAlone>();
  const aloneOf = (text: string): TextAlone => {
    const alone = texts.get(text) ?? textAloneOf(text);
    texts.set(text, alone);
    return alone;
  };
  const { places, keys } = placesOf(workflow, {
    mayHold: (text, name, field) =>
      field === 'authentication' ||
      tellingOf(name, field) !== null ||
      (mayHoldAlone(text) && saysSomething(aloneOf(text))),
    mayBeSecretKey: mayBeRecognised,
  });
  if (places.length === 0 && keys.length === 0) return [];
  const formats = formatsOf(new Map(places.map(({ value }) => [value, aloneOf(value)])));
  const isSecretName = secretNamesOnce(workflow);
  const found: PlaintextSecret[] = [];
  for (const place of places) {
    const format = formats.get(place.value);
    if (format !== undefined) found.push({ pointer: toPointer(place.path), kind: format, knownBy: 'format' });
    else {
      const kind = kindByName(place, aloneOf(place.value));
      if (kind !== null && !isSecretName(place))
        found.push({ pointer: toPointer(place.path), kind, knownBy: 'name' });
    }
  }
  const openKeys = formatsOf(
    new Map(keys.map(keyAt).map((key) => [key, { texts: [key], rules: markedIn([key]) }])),
  );
  return withoutSecretKeys(
    found,
    keys.filter((path) => openKeys.has(keyAt(path))),
    (path) => openKeys.get(keyAt(path)) ?? '',
  );
}

function keyAt(path: Path): string {
  return path.at(-1) ?? '';
}

/** What texts are by their looks, of those where these say so. */
function formatsOf(texts: ReadonlyMap<string, Marked>): ReadonlyMap<string, string> {
  const kinds = recognise([...texts.values()]);
  const all = [...texts.keys()];
  return new Map([...kinds].map(([i, kind]) => [all[i] ?? '', kind]));
}

/** Whether what a place gives a value to does nothing but name a secret; seldom asked, and much work. */
function secretNamesOnce(workflow: WorkflowDocument): (place: Place) => boolean {
  let names: ReadonlySet<string> | undefined;
  return ({ binding }) => binding !== null && (names ??= secretNamesOf(workflow)).has(binding);
}

/** What the name of a place tells; a parameter of a query has names of its own. */
function tellingOf(name: string, field: Field): Telling | null {
  return field === 'query' ? tellingParameter(name) : tellingName(name);
}

function saysSomething({ rules, kindWithin }: TextAlone): boolean {
  return rules.length > 0 || kindWithin !== null;
}

function kindByName({ name, field }: Place, { values, kindWithin }: TextAlone): string | null {
  if (field === 'authentication' && values.some(isGiven)) return authenticationKind(name);
  const telling = tellingOf(name, field);
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
  secretKeys: readonly Path[],
  kindOf: (key: Path) => string,
): readonly PlaintextSecret[] {
  if (secretKeys.length === 0) return found;
  const open = new Map<string, { readonly parent: string; readonly kind: string }>();
  for (const path of secretKeys) {
    open.set(toPointer(path), { parent: toPointer(path.slice(0, -1)), kind: kindOf(path) });
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
