import Module from 'node:module';
import {
  HOOK_NAMES,
  type BindingInfo,
  type FunctionCallback,
  type FunctionMetadata,
  type HookCallback,
  type HookContext,
  type HookName,
  type HostLog,
  type ProgrammingModel,
} from './core-types.ts';

export interface RegisteredFunction {
  metadata: FunctionMetadata;
  callback: FunctionCallback;
  /** The binding whose type ends in "Trigger", under the name the library gave it. */
  trigger: { name: string; binding: BindingInfo };
}

/** What the functions modules registered while they were imported. */
export interface FunctionsCore {
  readonly functions: ReadonlyMap<string, RegisteredFunction>;
  /** @throws Error when nothing was registered yet. */
  model(): ProgrammingModel;
  /** Calls every hook of that name in the order of registration and waits for each. */
  runHooks(name: HookName, context: HookContext): Promise<void>;
  /** Where lines of a function go: through the `log` hooks to the host's log. */
  readonly log: HostLog;
  /** Gives `require` back as it was. The library keeps the core it got at its first call. */
  uninstall(): void;
}

const CORE_MODULE = '@azure/functions-core';
/** Versions of the worker and host whose behaviour is kept; the library asks for neither number. */
const WORKER_VERSION = '3.11.0';
const HOST_VERSION = '4.1037.0';

class Registration {
  readonly dispose: () => void;
  constructor(dispose: () => void) {
    this.dispose = dispose;
  }
}

/** The library recognises the worker's error for an unknown hook by this property. */
class UnknownHookError extends RangeError {
  readonly isAzureFunctionsSystemError = true;
}

/** Lists of hooks by name. */
class Hooks {
  readonly #hooks = new Map<HookName, HookCallback[]>();

  register(name: string, callback: HookCallback): Registration {
    const known = HOOK_NAMES.find((hook) => hook === name);
    if (known === undefined) throw new UnknownHookError(`unrecognised hook "${name}"`);
    this.#hooks.set(known, [...this.list(known), callback]);
    return new Registration(() => {
      this.#hooks.set(
        known,
        this.list(known).filter((one) => one !== callback),
      );
    });
  }

  list(name: HookName): HookCallback[] {
    return this.#hooks.get(name) ?? [];
  }
}

function findTrigger(metadata: FunctionMetadata): RegisteredFunction['trigger'] {
  for (const [name, binding] of Object.entries(metadata.bindings))
    if (/trigger$/iu.test(binding.type)) return { name, binding };
  throw new Error(`the function "${metadata.name}" has no trigger`);
}

/** Passes each line through the `log` hooks, which may change its level and text. */
function hookedLog(log: HostLog, hooks: Hooks): HostLog {
  return (level, category, message) => {
    const context: HookContext = { level, category, message, hookData: {} };
    for (const hook of hooks.list('log')) hook(context);
    log(context['level'] as typeof level, category, String(context['message']));
  };
}

/**
 * Stands in for the Functions worker: `@azure/functions` asks for the module `@azure/functions-core`
 * at its first `app.*` call and keeps the answer for good, so this must run before any module with
 * functions in it is imported. The worker provides that module in the same way, there is no package.
 *
 * @param log receives what functions and the library log.
 */
export function installFunctionsCore(log: HostLog): FunctionsCore {
  const functions = new Map<string, RegisteredFunction>();
  const hooks = new Hooks();
  let model: ProgrammingModel | undefined;

  const core = {
    version: WORKER_VERSION,
    hostVersion: HOST_VERSION,
    Disposable: Registration,
    log: hookedLog(log, hooks),
    setProgrammingModel: (chosen: ProgrammingModel): void => {
      model = chosen;
    },
    getProgrammingModel: () => model,
    registerHook: (name: string, callback: HookCallback) => hooks.register(name, callback),
    registerFunction: (metadata: FunctionMetadata, callback: FunctionCallback): Registration => {
      const { name } = metadata;
      if (functions.has(name)) throw new Error(`there are two functions named "${name}"`);
      functions.set(name, { metadata, callback, trigger: findTrigger(metadata) });
      return new Registration(() => functions.delete(name));
    },
  };
  const uninstall = provideModule(CORE_MODULE, core);

  return {
    functions,
    log: core.log,
    model: () => {
      if (model === undefined) throw new Error('no function was registered');
      return model;
    },
    runHooks: async (name, context) => {
      for (const hook of hooks.list(name)) await hook(context);
    },
    uninstall,
  };
}

type Require = (this: unknown, id: string) => unknown;

/** Makes `require(id)` answer `exports` in every CommonJS module; the result undoes it. */
function provideModule(id: string, exports: unknown): () => void {
  const prototype = Module.prototype as unknown as { require: Require };
  const before = prototype.require;
  prototype.require = function (wanted) {
    return wanted === id ? exports : before.call(this, wanted);
  };
  return () => {
    prototype.require = before;
  };
}
