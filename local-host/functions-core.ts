import Module from 'node:module';
import { Disposable } from './disposable.js';
import type { Log } from './host-log.js';
import type {
  FunctionCallback,
  FunctionMetadata,
  HookCallback,
  HookName,
  ProgrammingModel,
  RpcLogCategory,
  RpcLogLevel,
} from './functions-core-types.js';

export interface RegisteredFunction {
  readonly name: string;
  readonly metadata: FunctionMetadata;
  readonly callback: FunctionCallback;
}

/** What the app told the host through `@azure/functions-core` while it loaded. */
export interface FunctionsCore {
  readonly functions: ReadonlyMap<string, RegisteredFunction>;
  readonly appHookData: Record<string, unknown>;
  programmingModel(): ProgrammingModel | undefined;
  /** From here on, registering or disposing of a function throws, as in Azure. */
  finishStartup(): void;
  runHooks(name: HookName, context: Record<string, unknown>): Promise<void>;
  /** Logs what the app or its library says, after the app's log hooks have seen it. */
  logForApp(
    source: string,
    level: RpcLogLevel,
    category: RpcLogCategory,
    message: string,
    context?: LogContext,
  ): void;
  /** Takes `@azure/functions-core` away again. */
  readonly remove: () => void;
}

export interface LogContext {
  readonly hookData: Record<string, unknown>;
  readonly invocationContext: unknown;
}

const coreModule = '@azure/functions-core';

/** Node.js finds every `require` through this undocumented function, which the typings leave out. */
interface ModuleLoader {
  _load: (this: unknown, request: string, parent: unknown, isMain: boolean) => unknown;
}
const loader = Module as unknown as ModuleLoader;

let isProvided = false;

/**
 * Supplies the module `@azure/functions-core`, as src/setupCoreModule.ts of the Node.js worker does. The library keeps
 * the first one it gets (utils/tryGetCoreApiLazy.ts), so there is one host per process at a time.
 */
export function provideFunctionsCore(log: Log): FunctionsCore {
  if (isProvided) throw new Error('A local host is already running in this process; close it first.');
  isProvided = true;

  const functions = new Map<string, RegisteredFunction>();
  const hooks = new Map<HookName, HookCallback[]>(hookNames.map((name) => [name, []]));
  const appHookData: Record<string, unknown> = {};
  let model: ProgrammingModel | undefined;
  let hasStarted = false;

  const logForApp: FunctionsCore['logForApp'] = (source, level, category, message, context) => {
    const entry = { hookData: {}, ...context, appHookData, level, category, message };
    try {
      for (const hook of hooks.get('log') ?? []) hook(entry);
    } catch {
      // An app's log hook must not silence the log (src/WorkerContext.ts of the worker).
    }
    // Hooks may change what the app logs, not what the library logs.
    if (category === 'user') log(entry.level, source, entry.message);
    else log(level, source, message);
  };

  const core = {
    version: '3.13.0',
    hostVersion: '4.0.0-local-host',
    Disposable,
    setProgrammingModel(next: ProgrammingModel) {
      model = next;
    },
    getProgrammingModel: () => model,
    registerFunction(metadata: FunctionMetadata, callback: FunctionCallback) {
      if (hasStarted) throw new Error('A function can only be registered during app startup.');
      const id = metadata.functionId ?? metadata.name;
      if (functions.has(id)) throw new Error(`A function with id "${id}" has already been registered.`);
      functions.set(id, { name: metadata.name, metadata: { ...metadata, functionId: id }, callback });
      return new Disposable(() => {
        if (hasStarted) throw new Error('A function can only be disposed during app startup.');
        functions.delete(id);
      });
    },
    registerHook(name: string, callback: HookCallback) {
      const registered = hooks.get(name as HookName);
      if (!registered) throw new RangeError(`Unrecognized hook "${name}"`);
      registered.push(callback);
      return new Disposable(() => {
        const index = registered.indexOf(callback);
        if (index >= 0) registered.splice(index, 1);
      });
    },
    log(level: RpcLogLevel, category: RpcLogCategory, message: string) {
      logForApp('host', level, category, message);
    },
  };

  const loadBefore = loader._load;
  loader._load = function (request, parent, isMain) {
    return request === coreModule ? core : Reflect.apply(loadBefore, this, [request, parent, isMain]);
  };

  return {
    functions,
    appHookData,
    programmingModel: () => model,
    finishStartup() {
      hasStarted = true;
    },
    async runHooks(name, context) {
      for (const hook of hooks.get(name) ?? []) await hook(context);
    },
    logForApp,
    remove() {
      loader._load = loadBefore;
      isProvided = false;
    },
  };
}

const hookNames: readonly HookName[] = ['appStart', 'appTerminate', 'preInvocation', 'postInvocation', 'log'];
