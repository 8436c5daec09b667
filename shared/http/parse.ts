import type { HttpRequest } from '@azure/functions';
import * as z from 'zod';
import { badRequest, tooLarge, type FieldProblem } from './problem.ts';

/** A query parameter that is true or false. */
export const trueOrFalse = z
  .enum(['true', 'false', '1', '0'], 'expected true or false')
  .transform((text) => text === 'true' || text === '1');

/** Largest body that is taken in. */
export const BODY_BYTES_MAX = 512 * 1024;

/** The body as it came. @throws ApiError 413 */
export async function readBytes(request: HttpRequest): Promise<Uint8Array> {
  if (Number(request.headers.get('content-length') ?? 0) > BODY_BYTES_MAX)
    throw tooLarge(BODY_BYTES_MAX);
  const bytes = new Uint8Array(await request.arrayBuffer());
  if (bytes.length > BODY_BYTES_MAX) throw tooLarge(BODY_BYTES_MAX);
  return bytes;
}

/**
 * An empty body is an empty object: all a caller left out is then named.
 * @throws ApiError 413; 400 where it is no JSON in UTF-8.
 */
export async function readJson(request: HttpRequest): Promise<unknown> {
  const bytes = await readBytes(request);
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return text.trim() === '' ? {} : JSON.parse(text);
  } catch {
    // The parser's message repeats parts of the body, so it is not passed on.
    throw badRequest('the body is not JSON in UTF-8');
  }
}

/** @throws ApiError 400 that names every bad field. */
export function parse<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const errors = parsed.error.issues.map(({ path, message }): FieldProblem => ({
    field: path.join('.'),
    message,
  }));
  const list = errors.map(({ field, message }) =>
    field === '' ? message : `${field}: ${message}`,
  );
  throw badRequest(list.join('; '), errors);
}
