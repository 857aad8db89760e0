import type { Doing } from './doing.js';
import { h, named } from './element.js';
import { portalLink } from './portal-link.js';
import { resourceName } from './resource-name.js';

/** Where a resource lies, and the way to it in the portal. */
export function whereLine({ policy }: Doing, resourceId: string): HTMLElement {
  const { kind, group, subscription } = resourceName(resourceId);
  return h(
    'p',
    { class: 'where' },
    kind,
    ' in ',
    named(group),
    ' of ',
    named(subscription),
    ' ',
    portalLink(policy, resourceId),
  );
}
