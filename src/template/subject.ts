import { toPointer, valueAt } from '../types/apply-edits.js';
import { getIgnoringCase, isJsonObject, keyIgnoringCase, type Json, type JsonObject } from '../types/json.js';
import type { As } from './evaluate.js';
import { materialise, originOf, type Materialised, type Substitution } from './materialise.js';
import type { TemplateResource } from './resources.js';
import { membersOf, type Scope } from './scope.js';

export type SubjectKind = 'workflow' | 'vault' | 'connection' | 'vault-secret';

/** A resource of a file as it is deployed, ready to be planned for. */
export interface Subject {
  readonly kind: SubjectKind;
  /** As people know it: `workflow "Block-User"`. */
  readonly label: string;
  readonly document: JsonObject;
  readonly from: Materialised;
  /** Null where the file is no template. */
  readonly scope: Scope | null;
  /** False where the file has nothing of the resource but its definition: whatever else belongs to it may be elsewhere. */
  readonly isWhole: boolean;
}

const KINDS: ReadonlyMap<string, SubjectKind> = new Map([
  ['microsoft.logic/workflows', 'workflow'],
  ['microsoft.keyvault/vaults', 'vault'],
  ['microsoft.web/connections', 'connection'],
  ['microsoft.keyvault/vaults/secrets', 'vault-secret'],
]);

/** Null for a type that nothing is known of. */
export function subjectOf({ type, json, pointer, scope }: TemplateResource): Subject | null {
  const kind = KINDS.get(type);
  return kind === undefined ? null : madeOf(kind, materialise({ json, pointer, scope }, asAt), json, scope);
}

/** A resource as ARM gives it back: nothing in it is an expression of a template. */
export function exportedSubject(json: JsonObject, pointer: string): Subject | null {
  const type = getIgnoringCase(json, 'type');
  const kind = typeof type === 'string' ? KINDS.get(type.toLowerCase()) : 'workflow';
  return kind === undefined ? null : madeOf(kind, materialise({ json, pointer, scope: null }), json, null);
}

/** What a workflow's code view shows, or `workflow.json` of Logic Apps Standard: a definition, and maybe parameters. */
export function codeViewSubject(json: JsonObject): Subject {
  return within(['properties'], { properties: json });
}

export function definitionSubject(json: JsonObject): Subject {
  return within(['properties', 'definition'], { properties: { definition: json } });
}

function within(keys: readonly string[], document: JsonObject): Subject {
  const here: Substitution = { from: { pointer: '' }, isKnown: true, defaults: [], secrets: [] };
  const substitutions = new Map([[toPointer(keys), here]]);
  const from: Materialised = { json: document, pointer: '', substitutions };
  return { kind: 'workflow', label: 'workflow', document, from, scope: null, isWhole: false };
}

function madeOf(kind: SubjectKind, made: Materialised, written: JsonObject, scope: Scope | null): Subject {
  const name = getIgnoringCase(written, 'name');
  const label = `${kind === 'vault-secret' ? 'secret' : kind} "${typeof name === 'string' ? name : '?'}"`;
  const from = spelled(made, kind);
  return { kind, label, document: from.json as JsonObject, from, scope, isWhole: true };
}

/** Where a name may stand in for what is not known: ids that say which resource is meant, and of which kind. */
function asAt(pointer: string): As {
  return /^\/name$|\/\$connections\/value\/[^/]+\/(?:connectionId|id)$|\/host\/workflow\/id$|^\/properties\/api\/id$/i.test(
    pointer,
  )
    ? 'name'
    : 'value';
}

/** How Azure spells the keys that are asked for by their spelling; a template may write them in any case. */
const SPELLING: Readonly<Record<SubjectKind, readonly (readonly string[])[]>> = {
  vault: [
    ['properties'],
    ...['networkAcls', 'publicNetworkAccess', 'enableSoftDelete', 'enablePurgeProtection'].map((key) => [
      'properties',
      key,
    ]),
    ...['defaultAction', 'bypass', 'ipRules', 'virtualNetworkRules'].map((key) => [
      'properties',
      'networkAcls',
      key,
    ]),
    ['tags'],
  ],
  workflow: [['properties'], ['tags']],
  connection: [['properties'], ['tags']],
  'vault-secret': [['properties'], ['tags']],
};

function spelled(made: Materialised, kind: SubjectKind): Materialised {
  return SPELLING[kind].reduce(spelledAt, made);
}

function spelledAt(made: Materialised, keys: readonly string[]): Materialised {
  const parent = keys.slice(0, -1);
  const key = keys.at(-1) ?? '';
  const holder = valueAt(made.json, toPointer(parent));
  const other = isJsonObject(holder) ? keyIgnoringCase(holder, key) : undefined;
  if (other === undefined || other === key) return made;
  const json = renamed(made.json, parent, other, key);
  return { ...made, json, substitutions: moved(made, toPointer([...parent, other]), toPointer(keys)) };
}

/** The value with another key, in its place, in the object that is reached by `parent`. */
function renamed(json: Json, parent: readonly string[], key: string, as: string): Json {
  const [step, ...rest] = parent;
  return Object.fromEntries(
    membersOf(json).map(([name, member]) => {
      if (step === undefined) return [name === key ? as : name, member];
      return [name, name === step ? renamed(member, rest, key, as) : member];
    }),
  );
}

/** What was said of one place is said of another, which stands where the first one stood. */
function moved(made: Materialised, from: string, to: string): ReadonlyMap<string, Substitution> {
  const result = new Map<string, Substitution>();
  const around = originOf(made, to.slice(0, to.lastIndexOf('/'))).pointer;
  if (around !== null) {
    const here = around + from.slice(from.lastIndexOf('/'));
    result.set(to, { from: { pointer: here }, isKnown: true, defaults: [], secrets: [] });
  }
  for (const [at, substitution] of made.substitutions) {
    const isWithin = at === from || at.startsWith(`${from}/`);
    if (at === from && substitution.from === 'here') continue;
    result.set(isWithin ? to + at.slice(from.length) : at, substitution);
  }
  return result;
}
