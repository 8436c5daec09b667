import * as z from 'zod';
import { badField } from './problem.ts';

const LIMIT_MAX = 1000;

/** How many a page has at most. */
export function limitField(otherwise: number) {
  return z.coerce
    .number('expected a number')
    .int('expected a whole number')
    .min(1, 'expected 1 or more')
    .max(LIMIT_MAX, `expected ${LIMIT_MAX} or less`)
    .default(otherwise);
}

/** Query parameters of every list. */
export const pagingFields = {
  limit: limitField(LIMIT_MAX),
  cursor: z.string().optional().describe('The `next` of the page before.'),
};

export interface PageOf<T> {
  readonly items: readonly T[];
  /** To be sent as `cursor` for what comes after; null at the end. */
  readonly next: string | null;
}

/**
 * The page of `items` that comes after `cursor`, in the order of their ids. A cursor names the last
 * id seen, so that nothing is left out or told twice when items come and go between two pages.
 * @throws ApiError 400 for a cursor that was not made here.
 */
export function pageOf<T>(
  items: readonly T[],
  idOf: (item: T) => string,
  { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
): PageOf<T> {
  const after = cursor === undefined ? undefined : decodeCursor(cursor);
  const sorted = items
    .map((item) => ({ id: idOf(item), item }))
    .filter(({ id }) => after === undefined || id > after)
    .sort((one, other) => (one.id < other.id ? -1 : 1));
  const page = sorted.slice(0, limit);
  const last = page.at(-1);
  const isEnd = last === undefined || page.length === sorted.length;
  return { items: page.map(({ item }) => item), next: isEnd ? null : encodeCursor(last.id) };
}

function encodeCursor(id: string): string {
  return Buffer.from(`after:${id}`, 'utf8').toString('base64url');
}

function decodeCursor(cursor: string): string {
  const text = Buffer.from(cursor, 'base64url').toString('utf8');
  if (!text.startsWith('after:')) throw badField('cursor', 'expected the `next` of a page before');
  return text.slice('after:'.length);
}
