import { randomBytes, randomUUID } from 'node:crypto';
import type { FunctionsCore, RegisteredFunction } from './functions-core.js';
import type {
  CoreInvocationContext,
  InvocationRequest,
  InvocationResponse,
  RpcTypedData,
} from './functions-core-types.js';
import { describeError, type Log } from './host-log.js';

export interface TriggerInput {
  readonly data: RpcTypedData;
  readonly metadata: Readonly<Record<string, RpcTypedData>>;
  /** W3C trace context of the caller, where it sent one. */
  readonly traceParent?: string;
}

export type InvocationResult =
  | { readonly kind: 'succeeded'; readonly response: InvocationResponse }
  | { readonly kind: 'failed'; readonly error: unknown };

/** Never rejects: what the function throws is logged and comes back as `failed`. */
export type Invoke = (fn: RegisteredFunction, input: () => TriggerInput) => Promise<InvocationResult>;

export interface Invoker {
  readonly invoke: Invoke;
  /** Resolves when nothing is running. */
  readonly idle: () => Promise<void>;
}

export function createInvoker(core: FunctionsCore, log: Log): Invoker {
  const running = new Set<Promise<InvocationResult>>();

  const invoke: Invoke = async (fn, input) => {
    const id = randomUUID();
    const started = performance.now();
    log('debug', fn.name, `Executing 'Functions.${fn.name}' (Id=${id})`);
    const result = await run(core, fn, id, input);
    const end = `Id=${id}, Duration=${Math.round(performance.now() - started)}ms`;
    if (result.kind === 'succeeded') {
      log('debug', fn.name, `Executed 'Functions.${fn.name}' (Succeeded, ${end})`);
    } else {
      const why = describeError(result.error);
      log('error', fn.name, `Executed 'Functions.${fn.name}' (Failed, ${end}) ${why}`);
    }
    return result;
  };

  return {
    async invoke(fn, input) {
      const invocation = invoke(fn, input);
      running.add(invocation);
      try {
        return await invocation;
      } finally {
        running.delete(invocation);
      }
    },
    async idle() {
      while (running.size > 0) await Promise.all(running);
    },
  };
}

/** The steps, their order and their contexts are those of src/eventHandlers/InvocationHandler.ts of the worker. */
async function run(
  core: FunctionsCore,
  fn: RegisteredFunction,
  id: string,
  input: () => TriggerInput,
): Promise<InvocationResult> {
  try {
    const model = core.programmingModel();
    if (!model) throw new Error('The app has set no programming model.');
    const hookData: Record<string, unknown> = {};
    const logContext = { hookData, invocationContext: undefined as unknown };
    const coreContext: CoreInvocationContext = {
      invocationId: id,
      request: toRequest(fn, id, input()),
      metadata: fn.metadata,
      log(level, category, message) {
        core.logForApp(fn.name, level, category, message, logContext);
      },
    };
    const invocation = await model.getInvocationModel(coreContext);
    const { context, inputs } = await invocation.getArguments();
    logContext.invocationContext = context;
    const shared = { hookData, appHookData: core.appHookData, invocationContext: context };

    const before = { ...shared, functionCallback: fn.callback, inputs };
    coreContext.state = 'preInvocationHooks';
    await core.runHooks('preInvocation', before);

    const after = { ...shared, inputs: before.inputs, result: null as unknown, error: null as unknown };
    coreContext.state = 'invocation';
    try {
      after.result = await invocation.invokeFunction(context, before.inputs, before.functionCallback);
    } catch (error) {
      after.error = error;
    }
    coreContext.state = 'postInvocationHooks';
    await core.runHooks('postInvocation', after);
    coreContext.state = undefined;

    // A hook may have cleared the error; and `throw undefined` counts as none, there as here.
    if (after.error !== null && after.error !== undefined) return { kind: 'failed', error: after.error };
    return { kind: 'succeeded', response: await invocation.getResponse(context, after.result) };
  } catch (error) {
    return { kind: 'failed', error };
  }
}

function toRequest(fn: RegisteredFunction, id: string, input: TriggerInput): InvocationRequest {
  const trigger = Object.entries(fn.metadata.bindings).find(([, binding]) => isTriggerType(binding.type));
  if (!trigger) throw new Error(`The function ${fn.name} has no trigger.`);
  return {
    invocationId: id,
    functionId: fn.metadata.functionId ?? fn.name,
    inputData: [{ name: trigger[0], data: input.data }],
    triggerMetadata: input.metadata,
    traceContext: { traceParent: input.traceParent ?? newTraceParent(), traceState: '' },
  };
}

/** How the library tells a trigger from other bindings (utils/isTrigger.ts). */
export function isTriggerType(type: string | null | undefined): boolean {
  return /trigger$/i.test(type ?? '');
}

function newTraceParent(): string {
  return `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-00`;
}
