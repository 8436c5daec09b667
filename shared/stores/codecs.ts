import * as z from 'zod';
import type { Instant } from '../util/clock.ts';
import { DamagedRowError, StorageError } from './errors.ts';
import { VALUE_CHARS_MAX, type StoredRow, type Value } from './table.ts';

/** An id of one of the branded kinds; what is stored was checked when it was made. */
export function idOf<T extends string>(): z.ZodType<T, string> {
  return z.string().min(1) as unknown as z.ZodType<T, string>;
}

/** ISO 8601 text in the table, epoch milliseconds in the model. */
export const InstantText = z.codec(z.string(), z.custom<Instant>(Number.isFinite), {
  decode: (text, context) => {
    const ms = Date.parse(text);
    if (!Number.isNaN(ms)) return ms as Instant;
    context.issues.push({ code: 'custom', message: 'no ISO 8601 time', input: text });
    return z.NEVER;
  },
  encode: (instant) => new Date(instant).toISOString(),
});

/** JSON text in the table, `schema` in the model. */
export function jsonText<T extends z.ZodType>(schema: T): z.ZodCodec<z.ZodString, T> {
  return z.codec(z.string(), schema, {
    decode: (text, context) => {
      try {
        return JSON.parse(text) as z.input<T>;
      } catch {
        context.issues.push({ code: 'custom', message: 'no JSON', input: text });
        return z.NEVER;
      }
    },
    encode: (value) => JSON.stringify(value),
  });
}

/**
 * What a stored row holds, by its schema.
 * @throws DamagedRowError naming the row, and never what stands in it
 */
export function decodeRow<T extends z.ZodType>(
  schema: T,
  partitionKey: string,
  row: StoredRow,
): z.output<T> {
  const decoded = z.safeDecode(schema, row.values as z.input<T>);
  if (decoded.success) return decoded.data;
  const problems = decoded.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new DamagedRowError(partitionKey, row.rowKey, problems.join('; '));
}

/** Long text as several values `name0`, `name1`, …, none of which splits a surrogate pair. */
export function toChunks(name: string, text: string, charsMax: number): Record<string, Value> {
  if (text.length > charsMax)
    throw new StorageError('too-large', `${name} of ${text.length} characters is over ${charsMax}`);
  const chunks: Record<string, Value> = {};
  for (let from = 0, index = 0; from < text.length; index += 1) {
    let to = Math.min(from + VALUE_CHARS_MAX, text.length);
    if (to < text.length && isHighSurrogate(text.charCodeAt(to - 1))) to -= 1;
    chunks[`${name}${index}`] = text.slice(from, to);
    from = to;
  }
  return chunks;
}

export function fromChunks(name: string, values: Readonly<Record<string, Value>>): string {
  let text = '';
  for (let index = 0; ; index += 1) {
    const chunk = values[`${name}${index}`];
    if (typeof chunk !== 'string') return text;
    text += chunk;
  }
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}
