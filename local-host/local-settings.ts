import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { readJsonObject } from './json-file.js';
import type { Settings } from './setting-references.js';

const valuesShape = z.record(
  z.string(),
  z.union([z.string(), z.number(), z.boolean()], 'must be text').transform(String),
);

/** `Values` of local.settings.json, as Azure Functions Core Tools reads it; none if there is no such file. */
export function readLocalSettings(directory: string): Record<string, string> {
  const file = join(directory, 'local.settings.json');
  if (!existsSync(file)) return {};
  const { IsEncrypted, Values = {} } = readJsonObject(file);
  if (IsEncrypted === true) {
    throw new Error(
      `${file} is encrypted: run "func settings decrypt", or set the values in the environment.`,
    );
  }
  const values = valuesShape.safeParse(Values);
  if (!values.success) throw new Error(`${file}: "Values": ${z.prettifyError(values.error)}`);
  return values.data;
}

/** The settings to add to the environment, which goes before local.settings.json, as it does under Core Tools. */
export function chooseSettings(directory: string, environment: Settings, given: Settings = {}): Settings {
  const local = Object.entries(readLocalSettings(directory));
  return { ...Object.fromEntries(local.filter(([name]) => environment[name] === undefined)), ...given };
}

/** Puts settings into `process.env`, where the app reads them, and returns what takes them out again. */
export function applySettings(settings: Settings): () => void {
  const before = new Map(Object.keys(settings).map((name) => [name, process.env[name]]));
  for (const [name, value] of Object.entries(settings)) setOrDelete(name, value);
  return () => {
    for (const [name, value] of before) setOrDelete(name, value);
  };
}

function setOrDelete(name: string, value: string | undefined): void {
  if (value === undefined) Reflect.deleteProperty(process.env, name);
  else process.env[name] = value;
}
