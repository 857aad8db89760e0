import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { logLevels } from './host-log.js';
import { isJsonObject, readJsonObject } from './json-file.js';
import type { Settings } from './setting-references.js';

const timeSpan = z
  .string()
  .regex(/^(?:\d+\.)?\d{1,2}:\d{2}:\d{2}(?:\.\d+)?$/, 'must be a time span such as 00:00:30')
  .transform(secondsOfTimeSpan);

const logLevel = z
  .string()
  .transform((level) => level.toLowerCase())
  .pipe(z.enum(logLevels));

/** The defaults are those of https://learn.microsoft.com/azure/azure-functions/functions-host-json */
const queuesShape = z
  .object({
    batchSize: z.coerce.number().int().min(1).max(32).default(16),
    newBatchThreshold: z.coerce.number().int().min(0).optional(),
    maxDequeueCount: z.coerce.number().int().min(1).default(5),
    visibilityTimeout: timeSpan.default(0),
    maxPollingInterval: timeSpan.default(60),
    messageEncoding: z
      .string()
      .transform((encoding) => encoding.toLowerCase())
      .pipe(z.enum(['base64', 'none']))
      .default('base64'),
  })
  .transform(({ newBatchThreshold, ...queues }) => ({
    ...queues,
    newBatchThreshold: newBatchThreshold ?? Math.floor(queues.batchSize / 2),
  }));

const hostShape = z.object({
  version: z.literal('2.0', 'must be "2.0"'),
  logging: z
    .object({
      logLevel: z.object({ default: logLevel.default('information') }).prefault({}),
    })
    .prefault({}),
  extensions: z
    .object({
      http: z.object({ routePrefix: z.string().default('api') }).prefault({}),
      queues: queuesShape.prefault({}),
    })
    .prefault({}),
});

/** What of host.json this host heeds; its time spans are in seconds. */
export type HostSettings = z.output<typeof hostShape>;
export type QueueSettings = HostSettings['extensions']['queues'];

/** Reads host.json and what the settings `AzureFunctionsJobHost__a__b` override in it. */
export function readHostSettings(directory: string, settings: Settings): HostSettings {
  const file = join(directory, 'host.json');
  if (!existsSync(file)) throw new Error(`${directory} has no host.json, so it is not a Functions app.`);
  const host = readJsonObject(file);
  for (const [name, value] of Object.entries(settings)) {
    const [prefix, ...path] = name.split('__');
    if (prefix === 'AzureFunctionsJobHost' && value !== undefined) override(host, path, value);
  }
  const parsed = hostShape.safeParse(host);
  if (!parsed.success) throw new Error(`${file}: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

function override(host: Record<string, unknown>, path: readonly string[], value: string): void {
  const [key, ...rest] = path;
  if (key === undefined) return;
  if (rest.length === 0) {
    host[key] = value;
    return;
  }
  const inner = host[key];
  const next = isJsonObject(inner) ? inner : {};
  host[key] = next;
  override(next, rest, value);
}

/** A .NET time span, `[d.]hh:mm:ss[.fff]`, in seconds. */
function secondsOfTimeSpan(text: string): number {
  const [, days = '0', hours = '0', minutes = '0', seconds = '0'] =
    /^(?:(\d+)\.)?(\d{1,2}):(\d{2}):(\d{2}(?:\.\d+)?)$/.exec(text) ?? [];
  return ((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds);
}
