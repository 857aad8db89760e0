import { named } from './element.js';
import { linkButton } from './press.js';
import { resourceName } from './resource-name.js';

/** A resource's name, which opens what is told of it. */
export function resourceLink(resourceId: string, onPress: () => void): HTMLElement {
  return linkButton(named(resourceName(resourceId).name), onPress, 'link name');
}
