import { readFile } from 'node:fs/promises';
import { flowMapOf, type FlowMap } from '../../workflow/flow/flow-map.js';
import { getIgnoringCase, isJsonObject, type Json, type JsonObject } from '../../types/json.js';
import { CommandError, EXIT } from '../exit-code.js';
import { isSystemError, reasonOf } from '../output/describe-error.js';

/**
 * The secret flow of a workflow in a file: as ARM has it (`properties.definition`), as the portal exports it
 * (`definition`), or the definition alone. What its connections are is told by what it says of them. Throws
 * {@link CommandError}.
 */
export async function explainFile(path: string): Promise<FlowMap> {
  const workflow = workflowIn(parsed(await textOf(path), path));
  if (workflow !== null) return flowMapOf(workflow, new Map());
  throw new CommandError(
    `${path} holds no workflow: neither properties.definition, nor definition, nor triggers and actions. holdfast check reads templates.`,
    EXIT.usage,
  );
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (!isSystemError(error)) throw error;
    throw new CommandError(`${path}: ${reasonOf(error)}`, EXIT.usage);
  }
}

function parsed(text: string, path: string): Json {
  try {
    // A file from Windows may begin with a byte order mark.
    return JSON.parse(text.replace(/^\uFEFF/, '')) as Json;
  } catch {
    throw new CommandError(`${path} is not JSON.`, EXIT.usage);
  }
}

function workflowIn(json: Json): JsonObject | null {
  if (!isJsonObject(json)) return null;
  if (isJsonObject(getIgnoringCase(getIgnoringCase(json, 'properties'), 'definition'))) return json;
  if (isJsonObject(getIgnoringCase(json, 'definition'))) return { properties: json };
  const isDefinition = isJsonObject(json.triggers) || isJsonObject(json.actions);
  return isDefinition ? { properties: { definition: json } } : null;
}
