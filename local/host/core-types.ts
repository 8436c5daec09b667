/**
 * The part of the contract between a Functions worker and `@azure/functions` that the local host
 * uses. The worker's own types are not published, so only what is read or written here is named.
 */
export type LogLevel =
  'trace' | 'debug' | 'information' | 'warning' | 'error' | 'critical' | 'none';
type LogCategory = 'user' | 'system' | 'customMetric';
export type HostLog = (level: LogLevel, category: LogCategory, message: string) => void;

export interface NullableText {
  value: string;
}

/** A cookie as the library hands it over; absent parts are null or undefined. */
export interface CookieData {
  name: string;
  value: string;
  domain?: NullableText | null;
  path?: NullableText | null;
  expires?: { value: { seconds: number } } | null;
  secure?: { value: boolean } | null;
  httpOnly?: { value: boolean } | null;
  sameSite?: 'none' | 'lax' | 'strict' | 'explicitNone';
  maxAge?: { value: number } | null;
}

export interface HttpData {
  method?: string;
  url?: string;
  nullableHeaders?: Record<string, NullableText>;
  nullableQuery?: Record<string, NullableText>;
  nullableParams?: Record<string, NullableText>;
  statusCode?: string;
  headers?: Record<string, string>;
  cookies?: CookieData[];
  body?: TypedData | null;
}

/** One value crossing between host and library; exactly one member is set. */
export interface TypedData {
  string?: string;
  json?: string;
  bytes?: Uint8Array;
  int?: number;
  http?: HttpData;
}

export interface BindingInfo {
  type: string;
  direction: string;
  [option: string]: unknown;
}

export interface FunctionMetadata {
  name: string;
  bindings: Record<string, BindingInfo>;
  retryOptions?: unknown;
}

export type FunctionCallback = (...inputs: unknown[]) => unknown;

interface InvocationRequest {
  invocationId: string;
  functionId: string;
  inputData: { name: string; data: TypedData }[];
  triggerMetadata: Record<string, TypedData>;
  traceContext: Record<string, never>;
}

/** What the library is told of one invocation; `state` moves as the invocation does. */
export interface CoreInvocationContext {
  invocationId: string;
  metadata: FunctionMetadata;
  request: InvocationRequest;
  state: 'preInvocationHooks' | 'invocation' | 'postInvocationHooks';
  log: HostLog;
}

export interface InvocationResponse {
  returnValue?: TypedData | null;
  outputData?: { name: string; data: TypedData }[];
}

interface InvocationModel {
  getArguments(): Promise<{ context: unknown; inputs: unknown[] }>;
  invokeFunction(context: unknown, inputs: unknown[], callback: FunctionCallback): Promise<unknown>;
  getResponse(context: unknown, result: unknown): Promise<InvocationResponse>;
}

export interface ProgrammingModel {
  name: string;
  version: string;
  getInvocationModel(context: CoreInvocationContext): InvocationModel;
  getCapabilities(capabilities: Record<string, string>): Promise<Record<string, string>>;
}

export const HOOK_NAMES = [
  'appStart',
  'appTerminate',
  'preInvocation',
  'postInvocation',
  'log',
] as const;
export type HookName = (typeof HOOK_NAMES)[number];

/** A hook gets one mutable object; what it needs is set by the host before the call. */
export type HookContext = Record<string, unknown>;
export type HookCallback = (context: HookContext) => unknown;
