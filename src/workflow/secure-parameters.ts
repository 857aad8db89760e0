import { getIgnoringCase, isJsonObject, type Json } from '../types/json.js';
import { propertiesOf, type WorkflowDocument } from '../types/observation.js';
import { NAMES, toldOnce } from './told-once.js';
import { definitionOf } from './definition.js';

/** Authors write the types SecureString and SecureObject in any case, in workflows and in templates. */
export function isSecureType(type: Json | undefined): boolean {
  return typeof type === 'string' && namesSecureType(type);
}

const namesSecureType = toldOnce((type) => /^secure(?:string|object)$/i.test(type.trim()), NAMES);

/** The names of the parameters whose values Azure does not give back, as they are spelled; twice if declared twice. */
export function secureParametersOf(workflow: WorkflowDocument): readonly string[] {
  const names: string[] = [];
  for (const holder of [definitionOf(workflow), propertiesOf(workflow)]) {
    const parameters = getIgnoringCase(holder, 'parameters');
    if (!isJsonObject(parameters)) continue;
    for (const name in parameters) {
      if (isSecureType(getIgnoringCase(parameters[name], 'type'))) names.push(name);
    }
  }
  return names;
}
