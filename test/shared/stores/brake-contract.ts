import { describe, expect, it } from 'vitest';
import { holdIdOf, type Hold } from '../../../shared/model/hold.ts';
import type { BridgeKey, ExternalId, PairId } from '../../../shared/model/ids.ts';
import { mapBounded } from '../../../shared/stores/bounded.ts';
import { DamagedRowError, LeaseLostError } from '../../../shared/stores/errors.ts';
import { pairPartition } from '../../../shared/stores/keys.ts';
import type { BrakeRow } from '../../../shared/stores/ports.ts';
import type { Tables } from '../../../shared/stores/table.ts';
import type { Instant } from '../../../shared/util/clock.ts';
import { change, held, LEASE_TTL_MS, mapping, storeTest, type StoreTest } from './fixtures.ts';

const SINCE = Date.parse('2026-11-23T09:00:00Z') as Instant;

function hold(pairId: PairId, more: Partial<Hold> = {}): Hold {
  const none = { read: 'complete', shown: 0, known: 12 } as const;
  return {
    id: holdIdOf(pairId, 'a', 'deletions', SINCE),
    pairId,
    side: 'a',
    kind: 'deletions',
    since: SINCE,
    why: { rule: 'pair', count: 11, recent: 0, known: 12, percent: 91, min: 10, percentMax: 30 },
    evidence: { a: none, b: none },
    samples: Array.from({ length: 20 }, (_, index) => ({
      mappingId: mapping(`a${index}`, `b${index}`).id,
      a: `a${index}`.padEnd(400, 'x') as ExternalId,
      b: `b${index}`.padEnd(400, 'x') as ExternalId,
      start: SINCE,
      end: SINCE,
    })),
    items: 11,
    expiresAt: (SINCE + 1) as Instant,
    state: 'open',
    ...more,
  };
}

function brake(pairId: PairId, holds = 3): BrakeRow {
  return {
    deletions: { '2026112309': 4 },
    creates: {},
    known: 12,
    holds: Array.from({ length: holds }, () => hold(pairId)),
  };
}

/** What is stored of the brake, on every kind of table. */
export function describeBrake(name: string, tables: () => Tables): void {
  const start = (): StoreTest => storeTest(tables());

  describe(`the brake of a pair (${name})`, () => {
    it('is empty until something is counted', async () => {
      const { rows } = start();
      const { brake, decisions } = await rows.readControl();
      expect(brake).toEqual({
        a: { deletions: {}, creates: {}, holds: [] },
        b: { deletions: {}, creates: {}, holds: [] },
      });
      expect(decisions).toEqual([]);
    });

    it('is given back as it was, and is there with the first of what it holds', async () => {
      const { rows, pairId } = start();
      const lease = await held(rows);
      const row = brake(pairId);
      const changes = Array.from({ length: 120 }, (_, index) =>
        change(mapping(`a${index}`, `b${index}`)),
      );
      await lease.commit([...changes, { kind: 'brake', side: 'a', row }]);
      expect(lease.control.brake.a).toEqual(row);
      expect((await rows.readControl()).brake.a).toEqual(row);
      expect(await rows.loadAll()).toHaveLength(120);
    });

    it('cannot be written by who lost the pair', async () => {
      const { rows, pairId, clock } = start();
      const lost = await held(rows);
      clock.advance(LEASE_TTL_MS + 1);
      await held(rows, 'run-2');
      const write = lost.commit([{ kind: 'brake', side: 'b', row: brake(pairId) }]);
      await expect(write).rejects.toThrow(LeaseLostError);
      expect((await rows.readControl()).brake.b.holds).toEqual([]);
    });

    it('that is damaged is named', async () => {
      const { rows, tenantId, pairId } = start();
      const values = { deletions: '{}', creates: '{}', holds0: '[{}]' };
      await tables()
        .table('sync')
        .write(pairPartition(tenantId, pairId), [
          { kind: 'upsert', row: { rowKey: 'c:brake:a', values } },
        ]);
      await expect(rows.readControl()).rejects.toThrow(DamagedRowError);
    });
  });

  describe(`a decision on a hold (${name})`, () => {
    it('is made once, whoever else tries, and while a run has the pair', async () => {
      const { rows, pairId, clock } = start();
      const lease = await held(rows);
      const one = hold(pairId);
      const decide = (who: string) =>
        rows.decide(one, { holdId: one.id, decision: 'approve', who, at: clock.now() });
      const made = await mapBounded(['kari', 'per', 'ola'], 3, async (who) =>
        decide(who).catch(() => false),
      );
      expect(made.filter((isMade) => isMade)).toHaveLength(1);
      expect((await rows.readControl()).decisions).toMatchObject([{ holdId: one.id }]);
      await lease.commit([{ kind: 'brake', side: 'a', row: brake(pairId) }]);
      expect((await rows.readControl()).decisions).toHaveLength(1);
    });

    it('takes the place of that on an earlier hold', async () => {
      const { rows, pairId, clock } = start();
      const at = clock.now();
      const one = hold(pairId);
      await rows.decide(one, { holdId: one.id, decision: 'approve', who: 'kari', at });
      const later = holdIdOf(pairId, 'a', 'deletions', (SINCE + 5) as Instant);
      const row = { holdId: later, decision: 'reject', who: 'per', at } as const;
      expect(await rows.decide(one, row)).toBe(true);
      expect((await rows.readControl()).decisions).toEqual([row]);
    });

    it('is seen by a run that is called back by its signal', async () => {
      const { rows, pairId, clock } = start();
      const lease = await held(rows);
      const one = hold(pairId);
      const row = { holdId: one.id, decision: 'reject', who: 'per', at: clock.now() } as const;
      await rows.decide(one, row);
      await rows.raise();
      expect(await lease.release()).toBe('signalled');
      expect(lease.control.decisions).toEqual([row]);
    });
  });

  describe(`the lists of what is held and counted (${name})`, () => {
    it('have the last hold of each kind on each side, of one tenant', async () => {
      const { stores, tenantId, pairId } = start();
      const creates = hold(pairId, {
        id: holdIdOf(pairId, 'a', 'creates', SINCE),
        kind: 'creates',
      });
      const closed = hold(pairId, { state: 'withdrawn', closedAt: SINCE, items: 0 });
      for (const one of [hold(pairId), creates, closed]) await stores.work.putHold(tenantId, one);
      const listed = await stores.work.listHolds(tenantId);
      expect(listed).toHaveLength(2);
      expect(listed).toEqual(expect.arrayContaining([closed, creates]));
      expect(await stores.work.listHolds(`${tenantId}-b` as typeof tenantId)).toEqual([]);
    });

    it('have the count of each pair, and nothing else', async () => {
      const { stores, tenantId, pairId } = start();
      const side = { bridge: 'outlook' as BridgeKey, known: 12, deletions: { '2026112309': 4 } };
      const count = { pairId, a: side, b: { ...side, known: 3 } };
      await stores.work.putBrakeCount(tenantId, { ...count, a: { ...side, known: 1 } });
      await stores.work.putBrakeCount(tenantId, count);
      await stores.work.putHold(tenantId, hold(pairId));
      expect(await stores.work.listBrakeCounts(tenantId)).toEqual([count]);
    });
  });
}
