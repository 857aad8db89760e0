import type { Policy } from './answers.js';
import { h } from './element.js';

/** A link to a resource in the Azure portal; null where the cloud's is not known. */
export function portalLink(policy: Policy | null, resourceId: string): HTMLElement | null {
  const portal = policy?.portal ?? null;
  if (portal?.startsWith('https://') !== true) return null;
  const href = portal + resourceId.toWellFormed().split('/').map(encodeURIComponent).join('/');
  return h('a', { href, rel: 'noreferrer noopener', target: '_blank' }, 'Open in the Azure portal');
}
