import { isJsonObject } from '../../types/json.js';
import type { Constants } from '../constant.js';
import type { Operation } from '../definition.js';
import { httpVaultCallOf } from '../http-vault-call.js';
import { inputsOf, type Read, type ReadValue } from './value-reads.js';

/**
 * Whether an operation writes a secret into a vault. Only setting a secret (PUT) and restoring one (POST) carry it;
 * a PATCH changes attributes alone (https://learn.microsoft.com/rest/api/keyvault/secrets/update-secret).
 */
export function writesSecret(operation: Operation, constants: Constants): boolean {
  const call = httpVaultCallOf(operation, constants);
  return call?.isSecret === true && (call.method === 'PUT' || call.method === 'POST');
}

/** Adds what the inputs of a write read, and of that what the vault keeps as a secret: the body, but for what is about it. */
export function readWrite(operation: Operation, readValue: ReadValue, reads: Read[]): void {
  const { inputs } = operation;
  const destination = inputsOf(operation);
  if (!isJsonObject(inputs)) {
    readValue(inputs, destination, null, reads);
    return;
  }
  for (const [key, value] of Object.entries(inputs)) {
    if (key.toLowerCase() === 'body') readValue(value, { ...destination, as: 'stored' }, null, reads);
    // Within an object, so that the names of the other inputs say what they are.
    else readValue({ [key]: value }, destination, null, reads);
  }
}
