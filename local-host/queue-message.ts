import type { RpcTypedData } from './functions-core-types.js';
import type { TriggerInput } from './invocation.js';

/** What of a received message the trigger's metadata tells. */
export interface QueueMessage {
  readonly messageId: string;
  readonly popReceipt: string;
  readonly messageText: string;
  readonly dequeueCount: number;
  readonly insertedOn: Date;
  readonly expiresOn: Date;
  readonly nextVisibleOn: Date;
}

/** The text of a message, or undefined where it is not encoded as host.json says. */
export function decodeMessage(text: string, encoding: 'base64' | 'none'): string | undefined {
  if (encoding === 'none') return text;
  const compact = text.replaceAll(/\s/g, '');
  if (compact.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(compact)) return undefined;
  return Buffer.from(compact, 'base64').toString('utf8');
}

/** Triggers/QueueTriggerBinding.cs of Microsoft.Azure.WebJobs.Extensions.Storage.Queues, CreateBindingData. */
export function queueInput(message: QueueMessage, text: string): TriggerInput {
  return {
    // The library parses a string that looks like JSON: "123" arrives as a number (converters/fromRpcTypedData.ts).
    data: { string: text },
    metadata: {
      QueueTrigger: { string: text },
      DequeueCount: { json: String(message.dequeueCount) },
      ExpirationTime: timeData(message.expiresOn),
      Id: { string: message.messageId },
      InsertionTime: timeData(message.insertedOn),
      NextVisibleTime: timeData(message.nextVisibleOn),
      PopReceipt: { string: message.popReceipt },
      ...propertiesAsMetadata(text),
    },
  };
}

/** A .NET DateTimeOffset as JSON. */
function timeData(time: Date): RpcTypedData {
  return { json: JSON.stringify(time.toISOString().replace(/(?:\.000)?Z$/, '+00:00')) };
}

/**
 * The top level of a JSON message joins the metadata and overrides it, so that a message's own `id` hides the queue's
 * (ApplyBindingData in Description/Workers/WorkerFunctionInvoker.cs of Azure/azure-functions-host).
 */
function propertiesAsMetadata(text: string): Record<string, RpcTypedData> {
  const metadata: Record<string, RpcTypedData> = {};
  for (const [name, value] of Object.entries(parseObject(text))) {
    if (value === null || Array.isArray(value)) continue;
    if (typeof value === 'object') metadata[name] = { json: JSON.stringify(value) };
    else if (typeof value === 'boolean') metadata[name] = { string: value ? 'True' : 'False' };
    else metadata[name] = { string: String(value) };
  }
  return metadata;
}

function parseObject(text: string): object {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? parsed : {};
  } catch {
    return {};
  }
}
