import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { getIgnoringCase, isJsonObject, type Json, type JsonObject } from '../../src/types/json.js';

/** What ARM would put in the place of a template expression is not known here; neither is this. */
const NOT_KNOWN = '@item()';

export interface CorpusFile {
  readonly file: string;
  readonly workflows: readonly JsonObject[];
  readonly connections: readonly JsonObject[];
}

/** The workflows and connections in the templates of a folder, with template expressions put aside. */
export function readCorpus(folder: string): readonly CorpusFile[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map((file) => {
      const text = readFileSync(join(folder, file), 'utf8').replace(/^\uFEFF/, '');
      const resources = resourcesIn(JSON.parse(text) as Json);
      return {
        file,
        workflows: resources.filter((resource) => isType(resource, 'microsoft.logic/workflows')),
        connections: resources.filter((resource) => isType(resource, 'microsoft.web/connections')),
      };
    });
}

function isType(resource: JsonObject, type: string): boolean {
  const given = getIgnoringCase(resource, 'type');
  return typeof given === 'string' && given.toLowerCase() === type;
}

/** Every resource at any depth, also in nested templates. */
function resourcesIn(value: Json | undefined): readonly JsonObject[] {
  if (Array.isArray(value)) return (value as readonly Json[]).flatMap(resourcesIn);
  if (!isJsonObject(value)) return [];
  const nested = Object.values(value).flatMap(resourcesIn);
  const isResource =
    typeof value.type === 'string' && value.type.includes('/') && isJsonObject(value.properties);
  return isResource ? [reduced(value) as JsonObject, ...nested] : nested;
}

function reduced(value: Json): Json {
  if (typeof value === 'string') return reducedText(value);
  if (Array.isArray(value)) return (value as readonly Json[]).map(reduced);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, reduced(member as Json)]));
}

/** Only as much of the template language as decides what an action is: texts that are put together. */
function reducedText(text: string): string {
  const [, call, inner] = /^\[\[?\s*(concat|subscriptionResourceId)\((.*)\)\s*\]$/s.exec(text) ?? [];
  if (inner === undefined) return /^\[.*\]$/s.test(text) ? NOT_KNOWN : text;
  const args = argumentsIn(inner).map(argument);
  return call === 'concat'
    ? args.join('')
    : `/subscriptions/X/providers/Microsoft.Web/locations/X/managedApis/${args[2] ?? ''}`;
}

function argument(text: string): string {
  if (/^'.*'$/s.test(text)) return text.slice(1, -1).replaceAll("''", "'");
  if (text === "variables('singlequote')") return "'";
  return text === 'subscription().id' ? '/subscriptions/X' : 'X';
}

/** Splits at the commas that are in no string and no bracket. */
function argumentsIn(text: string): readonly string[] {
  const tokens = text.match(/'(?:[^']|'')*'|[(),]|[^'(),]+/g) ?? [];
  const found: string[] = [];
  let arg = '';
  let depth = 0;
  for (const token of tokens) {
    if (token === '(') depth += 1;
    if (token === ')') depth -= 1;
    if (token === ',' && depth === 0) {
      found.push(arg.trim());
      arg = '';
    } else arg += token;
  }
  return [...found, arg.trim()];
}
