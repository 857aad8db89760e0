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
import { placesOf, type Key, type Place } from './places.js';
import { recognise } from './recognised.js';
import { secretNamesOf } from './secret-names.js';
import { tellingName, tellingParameter } from './telling-name.js';

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
interface Text {
  readonly parts: LiteralParts;
  /** All that could be known by its looks. */
  readonly plain: string;
  /** What it is by the names that are in it; undefined before that is asked. */
  kindWithin?: string | null;
}

/** In the order of the document, one for each place. Never throws, and is near linear in the document's size. */
export function plaintextSecretsOf(workflow: WorkflowDocument): readonly PlaintextSecret[] {
  const { places, keys } = placesOf(workflow);
  const constants = constantsOf({}, [], readingOf(workflow).constants.parse);
  const texts = new Map<string, Text>();
  for (const { text } of places) if (!texts.has(text)) texts.set(text, textOf(text, constants));
  const formats = recognise([
    ...Array.from(texts.values(), ({ plain }) => plain),
    ...keys.map(({ text }) => text),
  ]);
  const secretNames = secretNamesOf(workflow, places);
  const found: PlaintextSecret[] = [];
  for (const place of places) {
    const { pointer, binding } = place;
    const text = texts.get(place.text);
    if (text === undefined) continue;
    const format = formats.get(text.plain);
    if (format !== undefined) found.push({ pointer, kind: format, knownBy: 'format' });
    else if (binding === null || !secretNames.has(binding)) {
      const kind = kindByName(place, text);
      if (kind !== null) found.push({ pointer, kind, knownBy: 'name' });
    }
  }
  return withoutSecretKeys(found, keys, formats);
}

function textOf(text: string, constants: Constants): Text {
  const parts = literalPartsOf(text, constants);
  return { parts, plain: parts.texts.length === 1 ? (parts.texts[0] ?? '') : parts.texts.join('\n\uE000\n') };
}

function kindByName({ name, field }: Place, text: Text): string | null {
  const { values } = text.parts;
  if (field === 'authentication' && values.some(isGiven)) return authenticationKind(name);
  const telling = field === 'query' ? tellingParameter(name) : tellingName(name);
  if (telling !== null && values.some((value) => looksLikeCredential(value, telling.demand)))
    return telling.kind;
  return text.kindWithin === undefined ? (text.kindWithin = kindWithin(text.parts)) : text.kindWithin;
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
  keys: readonly Key[],
  formats: ReadonlyMap<string, string>,
): readonly PlaintextSecret[] {
  if (formats.size === 0) return found;
  const open = new Map<string, Key & { kind: string }>();
  for (const key of keys) {
    const kind = formats.get(key.text);
    if (kind !== undefined) open.set(key.pointer, { ...key, kind });
  }
  if (open.size === 0) return found;
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
