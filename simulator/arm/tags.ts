import { ArmFailure, badRequest, invalidContent } from './arm-error.js';
import { entriesOf, isObject, textAt } from '../json.js';
import { isNullText, isObjectText, membersOf, objectText, spelledAs } from '../raw-json.js';
import type { Switches } from '../switches.js';

/** https://learn.microsoft.com/azure/azure-resource-manager/management/tag-resources#limitations */
const MAX_TAGS = 50;
const MAX_NAME = 512;
const MAX_VALUE = 256;

/** The text of the tags that were sent; null for none. */
export function checkedTags(text: string | undefined): string | null {
  if (isNullText(text)) return null;
  const tags: unknown = JSON.parse(text ?? 'null');
  if (!isObject(tags)) throw invalidContent("Error converting value to type 'tags'. Path 'tags'");
  const entries = entriesOf(tags);
  if (entries.length > MAX_TAGS) {
    throw badRequest(`The resource has ${entries.length} tags; it can have at most ${MAX_TAGS}.`);
  }
  for (const [name, value] of entries) {
    if (typeof value !== 'string') {
      throw invalidContent(`Error converting value to type 'System.String'. Path 'tags.${name}'`);
    }
    if (name.length <= MAX_NAME && value.length <= MAX_VALUE && !/[<>%&\\?/]/.test(name)) continue;
    throw badRequest(`The tag '${name}' has an invalid name or too long a value.`);
  }
  return text ?? null;
}

/** The tags after a PATCH of the resource. */
export function patchedTags(
  before: string | null,
  text: string | undefined,
  switches: Readonly<Switches>,
): string | null {
  if (isNullText(text)) return before;
  const sent = checkedTags(text);
  return switches.tagsInPatch === 'merge' ? mergedTags(before, sent) : sent;
}

/**
 * The tags after a PUT or PATCH of `…/providers/Microsoft.Resources/tags/default`.
 * https://learn.microsoft.com/rest/api/resources/tags/update-at-scope
 */
export function tagsAfter(method: 'PUT' | 'PATCH', before: string | null, body: string): string | null {
  const members = spelledAs(membersOf(body), ['properties', 'operation']);
  const properties = members.get('properties');
  if (!isObjectText(properties)) {
    throw invalidContent("Required property 'properties' not found in JSON. Path ''");
  }
  const sent = checkedTags(spelledAs(membersOf(properties), ['tags']).get('tags'));
  if (method === 'PUT') return sent;
  const operation = textAt(JSON.parse(body), 'operation')?.toLowerCase();
  if (operation === 'merge') return mergedTags(before, sent);
  if (operation === 'replace') return sent;
  if (operation === 'delete') return withoutTags(before, sent);
  throw new ArmFailure(
    400,
    'InvalidTagsPatchOperation',
    "The 'operation' of a tags patch must be Merge, Replace or Delete.",
  );
}

function mergedTags(before: string | null, sent: string | null): string | null {
  const merged = membersOf(before ?? '{}');
  for (const [name, value] of membersOf(sent ?? '{}')) {
    // Tag names do not differ by case.
    const spelled = [...merged.keys()].find((key) => key.toLowerCase() === name.toLowerCase());
    merged.set(spelled ?? name, value);
  }
  return checkedTags(objectText(merged));
}

/** Takes a tag out where name and value are as given. */
function withoutTags(before: string | null, sent: string | null): string {
  const given = new Map(
    [...membersOf(sent ?? '{}')].map(([name, value]) => [name.toLowerCase(), textOf(value)]),
  );
  const left = [...membersOf(before ?? '{}')].filter(
    ([name, value]) => given.get(name.toLowerCase()) !== textOf(value),
  );
  return objectText(new Map(left));
}

function textOf(json: string): string {
  return String(JSON.parse(json));
}
