import { z } from 'zod';
import { type Route, parseRoute } from './http-routes.js';
import { isTriggerType } from './invocation.js';
import type { FunctionMetadata } from './functions-core-types.js';
import { resolveSettingReferences, type Settings } from './setting-references.js';
import { type TimerSchedule, parseSchedule } from './timer-schedule.js';

/** What starts a function, read from the bindings it registered. */
export type TriggerBinding =
  | HttpTriggerBinding
  | { readonly kind: 'eventGrid' }
  | { readonly kind: 'timer'; readonly schedule: TimerSchedule; readonly runOnStartup: boolean }
  | { readonly kind: 'queue'; readonly queueName: string; readonly connection: string };

export interface HttpTriggerBinding {
  readonly kind: 'http';
  readonly route: Route;
  readonly template: string;
  /** Upper case; empty means every method. */
  readonly methods: readonly string[];
  readonly authLevel: 'anonymous' | 'function' | 'admin';
}

const httpShape = z.object({
  route: z.string().optional(),
  methods: z.array(z.string().transform((method) => method.toUpperCase())).default([]),
  authLevel: z
    .string()
    .transform((level) => level.toLowerCase())
    .pipe(z.enum(['anonymous', 'function', 'admin']))
    .default('function'),
});
const timerShape = z.object({ schedule: z.string(), runOnStartup: z.boolean().default(false) });
const queueShape = z.object({ queueName: z.string(), connection: z.string().default('') });

/**
 * Throws, with what to do about it, when the Functions host could not index the function, or when this host cannot run
 * what the function asks for.
 */
export function readTriggerBinding({ name, bindings }: FunctionMetadata, settings: Settings): TriggerBinding {
  // FunctionNameValidationRegex in Controllers/FunctionsController.cs of the host.
  if (!/^[a-z][a-z0-9_-]{0,127}$/i.test(name) || name.toLowerCase() === 'host') {
    throw new Error(`'${name}' is not a valid function name.`);
  }
  const all = Object.values(bindings);
  const trigger = all.find((binding) => isTriggerType(binding.type));
  const others = all.filter((binding) => binding !== trigger && binding.type?.toLowerCase() !== 'http');
  if (!trigger) throw new Error(`The function ${name} has no trigger.`);
  if (others.length > 0) {
    const types = others.map((binding) => binding.type ?? 'unnamed').join(', ');
    throw new Error(`The local host runs triggers only; ${name} also has bindings of type ${types}.`);
  }

  const resolve = (text: string) => resolveSettingReferences(text, settings);
  switch (trigger.type?.toLowerCase()) {
    case 'httptrigger': {
      const { route, ...http } = httpShape.parse(trigger);
      const template = resolve(route ?? name);
      return { kind: 'http', ...http, template, route: parseRoute(template) };
    }
    case 'eventgridtrigger':
      return { kind: 'eventGrid' };
    case 'timertrigger': {
      const { schedule, runOnStartup } = timerShape.parse(trigger);
      return { kind: 'timer', schedule: parseSchedule(resolve(schedule)), runOnStartup };
    }
    case 'queuetrigger': {
      const { queueName, connection } = queueShape.parse(trigger);
      // An empty connection means AzureWebJobsStorage, and queue names are lower case.
      return {
        kind: 'queue',
        queueName: resolve(queueName).toLowerCase(),
        connection: resolve(connection) || 'Storage',
      };
    }
    case undefined:
    default:
      throw new Error(
        `The local host does not run the trigger ${trigger.type ?? ''} of the function ${name}.`,
      );
  }
}
