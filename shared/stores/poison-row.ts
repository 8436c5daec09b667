import * as z from 'zod';
import type { PoisonMessage } from '../model/failed-work.ts';
import type { PairId } from '../model/ids.ts';
import { decodeRow, idOf, InstantText } from './codecs.ts';
import { poisonKey } from './keys.ts';
import type { Row, StoredRow } from './table.ts';

const PoisonSchema = z.object({
  id: z.string(),
  queue: z.string(),
  job: z.string(),
  pairId: idOf<PairId>().exactOptional(),
  text: z.string().exactOptional(),
  state: z.enum(['open', 'sent-again', 'dismissed']),
  firstAt: InstantText,
  lastAt: InstantText,
  times: z.int(),
} satisfies Record<keyof PoisonMessage, z.ZodType>);

export function toPoisonRow(message: PoisonMessage): Row {
  return { rowKey: poisonKey(message.id), values: z.encode(PoisonSchema, message) };
}

/** @throws DamagedRowError */
export function fromPoisonRow(partitionKey: string, row: StoredRow): PoisonMessage {
  return decodeRow(PoisonSchema, partitionKey, row);
}
