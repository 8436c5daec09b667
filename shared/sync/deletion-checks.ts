import { SILENCE_MS } from '../bridges/silence.ts';
import { SIDES, type MappingId, type PairId, type TenantId } from '../model/ids.ts';
import type { EventMapping } from '../model/mapping.ts';
import { MINUTE_MS } from '../model/time.ts';
import { CHECKED_IDS_MAX, QUEUES } from '../queues/messages.ts';
import type { QueueSender } from '../queues/ports.ts';
import type { Instant } from '../util/clock.ts';

/** A check whose message should have come by then was lost. */
const LATE_MS = 2 * MINUTE_MS;

/** After which an event that was missed can be confirmed, where its system cannot tell by id. */
export const CHECK_AFTER_MS = SILENCE_MS;

interface Checks {
  readonly tenantId: TenantId;
  readonly pairId: PairId;
  readonly mappingIds: readonly MappingId[];
  readonly delayMs?: number;
}

/** As few messages as hold the ids. @throws QueueError */
export async function sendChecks(
  queue: Pick<QueueSender, 'send'>,
  { tenantId, pairId, mappingIds, delayMs = 0 }: Checks,
): Promise<void> {
  for (let from = 0; from < mappingIds.length; from += CHECKED_IDS_MAX)
    await queue.send(
      QUEUES.deletionChecks,
      {
        v: 1,
        kind: 'deletion-check',
        tenantId,
        pairId,
        mappingIds: mappingIds.slice(from, from + CHECKED_IDS_MAX),
      },
      { delayMs },
    );
}

/** Events that were missed and should have been confirmed, or found again, by now. */
export function overdueChecks(
  mappings: readonly EventMapping[],
  now: Instant,
): readonly MappingId[] {
  const isOverdue = (since: Instant | undefined): boolean =>
    since !== undefined && now - since >= CHECK_AFTER_MS + LATE_MS;
  return mappings
    .filter((mapping) =>
      SIDES.some((side) => mapping[side]?.gone !== true && isOverdue(mapping[side]?.missingSince)),
    )
    .map(({ id }) => id);
}
