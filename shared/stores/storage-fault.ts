import * as z from 'zod';
import { StorageError, type StorageFault } from './errors.ts';

/**
 * The SDK's errors have no common shape: a single call has its code in `details.odataError`, a
 * transaction in `code`, a lost connection has a code of the system and no status at all.
 */
const SdkErrorSchema = z.object({
  name: z.string().optional(),
  statusCode: z.number().optional(),
  code: z.string().optional(),
  details: z
    .object({ odataError: z.object({ code: z.string().optional() }).optional() })
    .optional()
    .catch(undefined),
});

/** The one place that knows how storage says no. Errors that are ours already pass. */
export function toStorageError(error: unknown, table: string): StorageError {
  if (error instanceof StorageError) return error;
  const { name, statusCode, code, details } = SdkErrorSchema.safeParse(error).data ?? {};
  const serviceCode = details?.odataError?.code ?? code;
  const answer = [statusCode, serviceCode].filter((part) => part !== undefined).join(' ');
  return new StorageError(
    faultOf(name, statusCode, serviceCode),
    `table ${table}: ${answer || String(error)}`,
    {
      ...(statusCode === undefined ? {} : { status: statusCode }),
      ...(serviceCode === undefined ? {} : { code: serviceCode }),
      cause: error,
    },
  );
}

const TOO_LARGE = new Set(['RequestBodyTooLarge', 'EntityTooLarge', 'PropertyValueTooLarge']);

function faultOf(
  name: string | undefined,
  status: number | undefined,
  code: string | undefined,
): StorageFault {
  if (code !== undefined && TOO_LARGE.has(code)) return 'too-large';
  // A table dropped a moment ago cannot be made again for a while.
  if (code === 'TableBeingDeleted' || code === 'OperationTimedOut') return 'unavailable';
  switch (status) {
    case undefined:
      return name === 'RestError' || name === 'AbortError' ? 'unavailable' : 'other';
    case 404:
      return 'not-found';
    case 409:
      return 'conflict';
    case 412:
      return 'precondition-failed';
    case 413:
      return 'too-large';
    default:
      return status === 408 || status === 429 || status >= 500 ? 'unavailable' : 'other';
  }
}
