import { holdIdOf, type Hold, type HoldId } from '../../../shared/model/hold.ts';
import type { MappingId, PairId, TenantId } from '../../../shared/model/ids.ts';
import { HOUR_MS } from '../../../shared/model/time.ts';
import type { Instant } from '../../../shared/util/clock.ts';
import { NOW, type World } from './fixture.ts';

/** A hold as a pass leaves it: in the rows of its pair, and as the copy that lists are made from. */
export async function addHold(
  { stores }: World,
  tenantId: TenantId,
  pairId: PairId,
  changes: Partial<Hold> = {},
): Promise<HoldId> {
  const { since = NOW, side = 'a', kind = 'deletions' } = changes;
  const evidence = { read: 'complete', shown: 8, known: 20 } as const;
  const hold: Hold = {
    id: holdIdOf(pairId, side, kind, since),
    pairId,
    side,
    kind,
    since,
    why: { rule: 'pair', count: 12, recent: 0, known: 20, percent: 60, min: 10, percentMax: 30 },
    evidence: { a: evidence, b: { ...evidence, shown: 20 } },
    samples: [{ mappingId: 'm:a:1' as MappingId, start: NOW, end: NOW }],
    items: 12,
    expiresAt: (since + 72 * HOUR_MS) as Instant,
    state: 'open',
    ...changes,
  };
  const rows = stores.sync.forPair(tenantId, pairId);
  const taken = await rows.take('test');
  if (taken.kind !== 'held') throw new Error('the pair is not free');
  const { lease } = taken;
  const row = lease.control.brake[side];
  const holds = [...row.holds, hold];
  await lease.commit([{ kind: 'brake', side, row: { ...row, holds } }]);
  await lease.release({}, { force: true });
  await stores.work.putHold(tenantId, hold);
  return hold.id;
}
