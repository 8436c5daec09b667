import * as z from 'zod';
import { parkedOf, type EventMapping } from '../model/mapping.ts';
import { decodeRow, InstantText } from './codecs.ts';
import { DamagedRowError } from './errors.ts';
import { isMappingKey, PARKED_ROWS, parkedKey } from './keys.ts';
import type { ParkedMark } from './ports.ts';
import type { Row, StoredRow } from './table.ts';

/** Rows are never deleted, so that a mark that is over has no next try. */
const ParkedRowSchema = z.object({
  attempts: z.int(),
  nextTryAt: InstantText.exactOptional(),
});

/** The mark that goes with a mapping. */
export function parkedRowsOf(mapping: EventMapping, wasParked: boolean): readonly Row[] {
  const parked = parkedOf(mapping);
  if (parked === undefined && !wasParked) return [];
  const { attempts, nextTryAt } = parked ?? { attempts: 0, nextTryAt: undefined };
  const values = z.encode(ParkedRowSchema, {
    attempts,
    ...(nextTryAt === undefined ? {} : { nextTryAt }),
  });
  return [{ rowKey: parkedKey(mapping.id), values }];
}

/**
 * Undefined where it is over.
 * @throws DamagedRowError
 */
export function fromParkedRow(partitionKey: string, row: StoredRow): ParkedMark | undefined {
  const mappingId = row.rowKey.slice(PARKED_ROWS.from.length);
  if (!isMappingKey(mappingId))
    throw new DamagedRowError(partitionKey, row.rowKey, 'not the mark of a mapping');
  const { attempts, nextTryAt } = decodeRow(ParkedRowSchema, partitionKey, row);
  return nextTryAt === undefined ? undefined : { mappingId, attempts, nextTryAt };
}
