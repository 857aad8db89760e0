import { isJsonObject, type Json } from '../../types/json.js';
import type { Operation } from '../definition.js';

/**
 * Whether a call asks for an access token: every request of one names its grant, in a form or in what a service has
 * made of that (RFC 6749, section 4). Walks without recursion: how deep a value is nested is its author's choice.
 */
export function requestsToken({ inputs }: Operation): boolean {
  const pending: (Json | undefined)[] = [inputs];
  for (let i = 0; i < pending.length; i += 1) {
    const value = pending[i];
    if (typeof value === 'string') {
      if (namesGrant(value)) return true;
    } else if (Array.isArray(value)) {
      for (const member of value as readonly Json[]) pending.push(member);
    } else if (isJsonObject(value)) {
      for (const key in value) {
        if (namesGrant(key)) return true;
        pending.push(value[key]);
      }
    }
  }
  return false;
}

function namesGrant(text: string): boolean {
  return /grant_?type/i.test(text);
}
