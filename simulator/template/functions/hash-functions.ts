import { createHash } from 'node:crypto';
import type { Scope } from '../scope.js';
import { asText, takes, type FunctionTable } from './template-function.js';

/**
 * 13 characters that depend on the arguments alone, as ARM's do, but not ARM's characters: its hash is not
 * published. A name made of it differs from the one that a real deployment would make.
 */
function uniqueString(parts: readonly string[]): string {
  const digest = createHash('sha256').update(JSON.stringify(parts)).digest();
  return Array.from(digest.subarray(0, 13), (byte) => 'abcdefghijklmnopqrstuvwxyz234567'[byte & 31]).join('');
}

/** https://learn.microsoft.com/azure/azure-resource-manager/bicep/bicep-functions-string#guid */
const guidNamespace = Buffer.from('11fb06fb712d4ddd98c7e71bbd588830', 'hex');

/** A version 5 UUID of the arguments: the same that Azure makes. */
export function guid(parts: readonly string[]): string {
  const hash = createHash('sha1').update(guidNamespace).update(parts.join('-')).digest().subarray(0, 16);
  hash.writeUInt8((hash.readUInt8(6) & 0x0f) | 0x50, 6);
  hash.writeUInt8((hash.readUInt8(8) & 0x3f) | 0x80, 8);
  return hash.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** Another one at each call, yet the same at each load. */
function newGuid({ load, place }: Scope): string {
  load.newGuids += 1;
  return guid([place.subscriptionId ?? '', place.resourceGroup ?? '', 'newGuid', String(load.newGuids)]);
}

export const hashFunctions: FunctionTable = {
  guid: takes(1, Infinity, (args) => guid(args.map(asText))),
  newGuid: takes(0, 0, (_, scope) => newGuid(scope)),
  uniqueString: takes(1, Infinity, (args) => uniqueString(args.map(asText))),
};
