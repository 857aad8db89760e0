import { createHash, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { HostRequest } from './http-message.js';

const keysByName = z.record(z.string(), z.string().min(1));
const keysShape = z.strictObject({
  master: z.string().min(1).optional(),
  functionKeys: keysByName.optional(),
  functions: z.record(z.string(), keysByName).optional(),
  systemKeys: keysByName.optional(),
});

/**
 * The keys of a function app: `functionKeys` open every function, `functions` one each, `systemKeys` an extension's
 * webhook, and `master` opens everything. https://learn.microsoft.com/azure/azure-functions/function-keys-how-to
 */
export type HostKeys = z.output<typeof keysShape>;

export function readHostKeys(file: string): HostKeys {
  const parsed = keysShape.safeParse(JSON.parse(readFileSync(file, 'utf8')));
  if (!parsed.success) throw new Error(`${file} holds no function keys: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

/** What a request asks for: a function, the admin API, or the webhook of an extension. */
export type Protected =
  | { readonly level: 'anonymous' | 'admin' }
  | { readonly level: 'function'; readonly functionName: string }
  | { readonly level: 'system'; readonly keyName: string };

/** Without keys everything is open, as it is under Azure Functions Core Tools. */
export function isAuthorized(keys: HostKeys | undefined, request: HostRequest, wanted: Protected): boolean {
  if (!keys || wanted.level === 'anonymous') return true;
  const presented = request.headers.get('x-functions-key') ?? request.url.searchParams.get('code');
  if (!presented) return false;
  return keysThatOpen(keys, wanted).some((key) => isSame(key, presented));
}

function keysThatOpen(keys: HostKeys, wanted: Protected): string[] {
  const master = keys.master === undefined ? [] : [keys.master];
  switch (wanted.level) {
    case 'function': {
      const own = keys.functions?.[wanted.functionName] ?? {};
      return [...master, ...Object.values(keys.functionKeys ?? {}), ...Object.values(own)];
    }
    case 'system': {
      const own = keys.systemKeys?.[wanted.keyName];
      return own === undefined ? master : [...master, own];
    }
    case 'anonymous':
    case 'admin':
      return master;
  }
}

function isSame(one: string, other: string): boolean {
  const [left, right] = [one, other].map((text) => createHash('sha256').update(text).digest());
  return left !== undefined && right !== undefined && timingSafeEqual(left, right);
}
