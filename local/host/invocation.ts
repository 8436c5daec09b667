import { randomUUID } from 'node:crypto';
import type {
  CoreInvocationContext,
  FunctionCallback,
  HookContext,
  InvocationResponse,
  TypedData,
} from './core-types.ts';
import type { FunctionsCore, RegisteredFunction } from './functions-core.ts';

interface Invocation {
  target: RegisteredFunction;
  data: TypedData;
  triggerMetadata?: Record<string, TypedData>;
}

/** Runs functions, and knows how many run. */
export interface Invoker {
  /** Rejects with what the function (or a hook) threw. */
  invoke(invocation: Invocation): Promise<InvocationResponse>;
  /** Invocations under way. */
  running(): number;
  /** Invocations begun since the start; with `running` it tells whether anything happened between two looks. */
  begun(): number;
  /** Resolves at the first moment when nothing runs. */
  settled(): Promise<void>;
}

/**
 * Invokes through the library's own conversion code, with the pre- and post-invocation hooks around
 * it as the worker has them: a pre hook may replace inputs and handler, a post hook result and error.
 */
export function createInvoker(core: FunctionsCore): Invoker {
  let running = 0;
  let begun = 0;
  let waiting: (() => void)[] = [];

  const invoke = async (invocation: Invocation): Promise<InvocationResponse> => {
    running += 1;
    begun += 1;
    try {
      return await runInvocation(core, invocation);
    } finally {
      running -= 1;
      if (running === 0) {
        for (const resume of waiting) resume();
        waiting = [];
      }
    }
  };

  return {
    invoke,
    running: () => running,
    begun: () => begun,
    settled: async () => {
      if (running > 0) await new Promise<void>((resume) => waiting.push(resume));
    },
  };
}

async function runInvocation(
  core: FunctionsCore,
  { target, data, triggerMetadata = {} }: Invocation,
): Promise<InvocationResponse> {
  const { metadata, trigger } = target;
  const invocationId = randomUUID();
  const coreContext: CoreInvocationContext = {
    invocationId,
    metadata,
    state: 'preInvocationHooks',
    log: core.log,
    request: {
      invocationId,
      functionId: metadata.name,
      inputData: [{ name: trigger.name, data }],
      triggerMetadata,
      traceContext: {},
    },
  };
  const invocationModel = core.model().getInvocationModel(coreContext);
  const { context, inputs } = await invocationModel.getArguments();
  const hookContext: HookContext = {
    hookData: {},
    invocationContext: context,
    inputs,
    functionCallback: target.callback,
  };
  await core.runHooks('preInvocation', hookContext);

  coreContext.state = 'invocation';
  const { functionCallback, ...after } = hookContext;
  try {
    after['result'] = await invocationModel.invokeFunction(
      context,
      hookContext['inputs'] as unknown[],
      functionCallback as FunctionCallback,
    );
  } catch (error) {
    after['error'] = error ?? new Error('the function threw nothing');
  }
  coreContext.state = 'postInvocationHooks';
  await core.runHooks('postInvocation', after);
  if (after['error'] !== undefined && after['error'] !== null) throw after['error'];
  return await invocationModel.getResponse(context, after['result']);
}
