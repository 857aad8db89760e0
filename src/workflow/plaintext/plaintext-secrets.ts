import type { WorkflowDocument } from '../../types/observation.js';
import { constantsOf, type Constants } from '../constant.js';
import { hasHole } from '../folded.js';
import { readingOf } from '../reading.js';
import { assignedIn } from './assignments.js';
import {
  isPlaceholder,
  isReference,
  isSecretName,
  looksLikeCredential,
  withoutScheme,
} from './credential-value.js';
import { literalPartsOf, type LiteralParts } from './literal-parts.js';
import { placesOf, pointerTo, type Path, type Place } from './places.js';
import { recognise } from './recognised.js';
import { secretNamesOf } from './secret-names.js';
import { tellingName, tellingParameter, type Telling } from './telling-name.js';

/** A place where a workflow holds a credential in plain text. Nothing of the credential is in it. */
export interface PlaintextSecret {
  /** JSON pointer from the resource's root. */
  readonly pointer: string;
  /** What it is, e.g. `storage account key`. */
  readonly kind: string;
  /** `format`: it is known by its looks. `name`: what it is called says so, and it looks like one. */
  readonly knownBy: 'format' | 'name';
}

/** A text as it stands at one or more places. */
interface Text extends LiteralParts {
  /** What it is by its looks; null where that says nothing. */
  format: string | null;
  /** What it is by the names that are in it; undefined before that is asked. */
  kindWithin: string | null | undefined;
}

/** In the order of the document, one for each place. Never throws, and is near linear in the document's size. */
export function plaintextSecretsOf(workflow: WorkflowDocument): readonly PlaintextSecret[] {
  const { places, keys } = placesOf(workflow);
  const texts = textsAt(places, readingOf(workflow).constants.parse);
  const keyTexts = new Set(keys.map(({ key }) => key));
  const formats = recognise([
    ...Array.from(texts.values(), (text) => text.texts),
    ...Array.from(keyTexts, (key) => [key]),
  ]);
  [...texts.values()].forEach((text, i) => (text.format = formats.get(i) ?? null));
  const secretNames = secretNamesOf(workflow, places);
  const telling = tellingOnce();
  const found: PlaintextSecret[] = [];
  for (const place of places) {
    const { path, binding } = place;
    const text = texts.get(place.text);
    if (text === undefined) continue;
    if (text.format !== null) found.push({ pointer: pointerTo(path), kind: text.format, knownBy: 'format' });
    else if (binding === null || !secretNames.has(binding)) {
      const kind = kindByName(place, text, telling);
      if (kind !== null) found.push({ pointer: pointerTo(path), kind, knownBy: 'name' });
    }
  }
  const openKeys = new Map([...keyTexts].map((key, i) => [key, formats.get(texts.size + i) ?? null]));
  return withoutSecretKeys(
    found,
    keys.filter(({ key }) => (openKeys.get(key) ?? null) !== null),
    ({ key }) => openKeys.get(key) ?? '',
  );
}

function textsAt(places: readonly Place[], parse: Constants['parse']): ReadonlyMap<string, Text> {
  const constants = constantsOf({}, [], parse);
  const texts = new Map<string, Text>();
  for (const { text } of places) {
    if (texts.has(text)) continue;
    texts.set(text, { ...literalPartsOf(text, constants), format: null, kindWithin: undefined });
  }
  return texts;
}

/** What names tell; a workflow has the same few over and over. */
function tellingOnce(): (name: string) => Telling | null {
  const known = new Map<string, Telling | null>();
  return (name) => {
    const before = known.get(name);
    if (before !== undefined) return before;
    const telling = tellingName(name);
    known.set(name, telling);
    return telling;
  };
}

function kindByName(
  { name, field }: Place,
  text: Text,
  tellingOf: (name: string) => Telling | null,
): string | null {
  const { values } = text;
  if (field === 'authentication' && values.some(isGiven)) return authenticationKind(name);
  const telling = field === 'query' ? tellingParameter(name) : tellingOf(name);
  if (telling !== null && values.some((value) => looksLikeCredential(value, telling.demand)))
    return telling.kind;
  if (text.kindWithin === undefined) text.kindWithin = kindWithin(text);
  return text.kindWithin;
}

function kindWithin({ texts, named }: LiteralParts): string | null {
  for (const pair of named) {
    const other = tellingName(pair.name);
    if (other !== null && looksLikeCredential(pair.text, other.demand)) return other.kind;
  }
  for (const text of texts) {
    const kind = assignedIn(text);
    if (kind !== null) return kind;
  }
  return null;
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
    const parent = path.parent === null ? '' : pointerTo(path.parent);
    open.set(pointerTo(path), { parent, kind: kindOf(path) });
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
