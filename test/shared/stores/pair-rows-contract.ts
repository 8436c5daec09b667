import { describe, expect, it } from 'vitest';
import { DamagedRowError, LeaseLostError } from '../../../shared/stores/errors.ts';
import { pairPartition } from '../../../shared/stores/keys.ts';
import { makeStores } from '../../../shared/stores/stores.ts';
import type { Tables } from '../../../shared/stores/table.ts';
import type { ExternalId, MappingId, TenantId } from '../../../shared/model/ids.ts';
import type { Instant } from '../../../shared/util/clock.ts';
import { silentLogger } from '../../../shared/util/logger.ts';
import { FaultyTables } from './faulty-tables.ts';
import { describeSignal } from './signal-contract.ts';
import {
  change,
  cursor,
  held,
  ids,
  LEASE_TTL_MS,
  mapping,
  storeTest,
  type StoreTest,
} from './fixtures.ts';

const many = (count: number): ReturnType<typeof change>[] =>
  Array.from({ length: count }, (_, n) =>
    change(mapping(`A${n}`, `B${n}`), { side: 'b', id: `B${n}` }),
  );

/** What a pair's rows keep to, on every kind of table. */
export function describePairRows(name: string, tables: () => Tables): void {
  const start = (): StoreTest => storeTest(tables());

  describe(`the lease of a pair (${name})`, () => {
    it('is had by exactly one of many that take it at once', async () => {
      const { rows, clock } = start();
      for (let round = 0; round < 5; round += 1) {
        const takes = Array.from({ length: 8 }, (_, n) => rows.take(`run-${round}-${n}`));
        const results = await Promise.all(takes);
        expect(results.filter(({ kind }) => kind === 'held')).toHaveLength(1);
        const until = clock.now() + LEASE_TTL_MS;
        const losers = results.filter(({ kind }) => kind === 'busy');
        expect(losers).toEqual(Array.from({ length: 7 }, () => ({ kind: 'busy', until })));
        clock.advance(LEASE_TTL_MS);
      }
    });

    it('is busy until its end, and free from then on', async () => {
      const { rows, clock } = start();
      const first = await held(rows);
      clock.advance(LEASE_TTL_MS - 1);
      expect(await rows.take('run-2')).toEqual({ kind: 'busy', until: first.expiresAt });
      clock.advance(1);
      expect((await rows.take('run-2')).kind).toBe('held');
    });

    it('is renewed by every commit', async () => {
      const { rows, clock } = start();
      const lease = await held(rows);
      clock.advance(100_000);
      await lease.commit([]);
      expect(lease.expiresAt).toBe(clock.now() + LEASE_TTL_MS);
      clock.advance(100_000);
      await lease.renew();
      clock.advance(100_000);
      expect((await rows.take('run-2')).kind).toBe('busy');
    });

    it('is free at once when it was given back, and no longer its holder’s', async () => {
      const { rows } = start();
      const lease = await held(rows);
      expect(await lease.release()).toBe('released');
      await expect(lease.commit(many(1))).rejects.toThrow(LeaseLostError);
      expect((await rows.take('run-2')).kind).toBe('held');
      expect(await rows.loadAll()).toEqual([]);
    });

    it('fences a holder that lost it: nothing of its commit is written', async () => {
      const { rows, clock } = start();
      const stale = await held(rows);
      clock.advance(LEASE_TTL_MS);
      const fresh = await held(rows, 'run-2');
      await expect(stale.commit([...many(150), cursor('a', 'stale')])).rejects.toThrow(
        LeaseLostError,
      );
      await expect(stale.renew()).rejects.toThrow(LeaseLostError);
      await expect(stale.release()).rejects.toThrow(LeaseLostError);
      expect(await rows.loadAll()).toEqual([]);
      expect((await rows.readControl()).a).toBeUndefined();
      await fresh.commit(many(1));
      expect(await rows.loadAll()).toHaveLength(1);
    });

    it('still writes after its end while nobody else has taken it', async () => {
      const { rows, clock } = start();
      const lease = await held(rows);
      clock.advance(2 * LEASE_TTL_MS);
      await lease.commit(many(1));
      expect((await rows.take('run-2')).kind).toBe('busy');
    });

    it('tells the next holder what the last one left: pass open, intents, waits, failures', async () => {
      const { rows, clock } = start();
      const blockedUntil = { b: (clock.now() + 60_000) as Instant };
      const nextDueAt = (clock.now() + 300_000) as Instant;
      const first = await held(rows);
      expect(first.control.lease).toMatchObject({ passOpen: false, intents: 0, failures: 0 });
      const counts = { intents: 2, mapped: 41, failures: 1 };
      const facts = { passOpen: true, ended: true, ...counts, blockedUntil, nextDueAt };
      await first.commit([], facts);
      expect(first.control.lease).toMatchObject({ passOpen: true, intents: 2 });
      clock.advance(LEASE_TTL_MS);
      const second = await held(rows, 'run-2');
      expect(second.control.lease).toMatchObject(facts);
      await second.commit([], { blockedUntil: {}, nextDueAt: undefined });
      await second.release({ passOpen: false });
      const { lease } = await rows.readControl();
      expect(lease).toMatchObject({ passOpen: false, intents: 2, failures: 1, blockedUntil: {} });
      expect('nextDueAt' in lease).toBe(false);
    });
  });

  describe(`the parked events of a pair (${name})`, () => {
    const rest = (attempts: number, nextTryAt: number) => ({
      state: 'error' as const,
      parked: {
        attempts,
        since: 0 as Instant,
        nextTryAt: nextTryAt as Instant,
        seen: { a: 'e:1' },
      },
    });

    it('are marked with their mapping, and not any more once they are decided', async () => {
      const { rows } = start();
      const lease = await held(rows);
      const [one, other] = [mapping('A1', 'B1', rest(2, 5000)), mapping('A2', 'B2', rest(1, 7000))];
      await lease.commit([change(one), change(other), change(mapping('A3', 'B3'))]);
      expect(await rows.loadParked()).toEqual(
        expect.arrayContaining([
          { mappingId: one.id, attempts: 2, nextTryAt: 5000 },
          { mappingId: other.id, attempts: 1, nextTryAt: 7000 },
        ]),
      );
      const done = { ...change(mapping('A1', 'B1')), wasParked: true as const };
      await lease.commit([done]);
      expect((await rows.loadParked()).map(({ mappingId }) => mappingId)).toEqual([other.id]);
      expect(await rows.loadMappings([other.id, one.id, 'm:a:none' as MappingId])).toEqual([
        other,
        mapping('A1', 'B1'),
      ]);
    });

    it('are counted in the lease row, with the first time that is due', async () => {
      const { rows, clock } = start();
      const first = await held(rows);
      const parkedDueAt = (clock.now() + 60_000) as Instant;
      await first.release({
        parked: 3,
        parkedDueAt,
        retryAt: parkedDueAt,
        failingSince: clock.now(),
      });
      expect((await rows.readControl()).lease).toMatchObject({ parked: 3, parkedDueAt });
      const second = await held(rows, 'run-2');
      const none = { parkedDueAt: undefined, retryAt: undefined, failingSince: undefined };
      await second.release({ parked: 0, ...none });
      const { lease } = await rows.readControl();
      expect(lease).toMatchObject({ parked: 0 });
      for (const name of Object.keys(none)) expect(name in lease).toBe(false);
    });
  });

  describe(`an unclear answer to a write of a pair (${name})`, () => {
    const faulty = (): StoreTest & { faults: FaultyTables } => {
      const faults = new FaultyTables(tables());
      return { ...storeTest(faults), faults };
    };

    it.each(['repeat', 'lose-answer'] as const)('take: done all the same (%s)', async (fault) => {
      const { rows, faults } = faulty();
      for (const run of ['run-1', 'run-2']) {
        faults.next(fault);
        const lease = await held(rows, run);
        await lease.commit(many(1));
        expect((await rows.take('run-3')).kind).toBe('busy');
        await lease.release();
      }
    });

    it.each(['repeat', 'lose-answer'] as const)('commit: done all the same (%s)', async (fault) => {
      const { rows, faults } = faulty();
      const lease = await held(rows);
      faults.next(fault);
      await lease.commit(many(2), { intents: 4 });
      expect(lease.control.lease.intents).toBe(4);
      expect(faults.writes).toHaveLength(2);
      await lease.commit([cursor('a', 'next')]);
      expect(await rows.loadAll()).toHaveLength(2);
      expect((await rows.readControl()).a?.cursor).toBe('next');
    });

    it.each(['repeat', 'lose-answer'] as const)(
      'release: done all the same (%s)',
      async (fault) => {
        const { rows, faults } = faulty();
        const { count } = await rows.raise();
        const lease = await held(rows);
        faults.next(fault);
        expect(await lease.release({}, { sawSignal: true })).toBe('released');
        expect((await rows.readControl()).signal.seen).toBe(count);
        expect((await rows.take('run-2')).kind).toBe('held');
      },
    );

    it('passes on what was not done, and the lease can still be used', async () => {
      const { rows, faults } = faulty();
      faults.next('drop');
      await expect(rows.take('run-1')).rejects.toMatchObject({ kind: 'unavailable' });
      const lease = await held(rows);
      faults.next('drop');
      await expect(lease.commit(many(1))).rejects.toMatchObject({ kind: 'unavailable' });
      expect(await rows.loadAll()).toEqual([]);
      await lease.commit(many(1));
      expect(await rows.loadAll()).toHaveLength(1);
    });

    it('is settled also when the lost write arrives after it was given up', async () => {
      const { rows, faults, tenantId, pairId } = faulty();
      const lease = await held(rows);
      faults.next('drop');
      await expect(lease.commit(many(1), { intents: 9 })).rejects.toMatchObject({
        kind: 'unavailable',
      });
      const late = faults.writes.at(-1) ?? [];
      await tables().table('sync').write(pairPartition(tenantId, pairId), late);
      await lease.commit([cursor('b', 'after')], { intents: 1 });
      expect((await rows.readControl()).lease.intents).toBe(1);
      expect((await rows.readControl()).b?.cursor).toBe('after');
    });

    it('is a lost lease when somebody else has taken the pair meanwhile', async () => {
      const { rows, faults, clock } = faulty();
      const lease = await held(rows);
      faults.next(async () => {
        clock.advance(LEASE_TTL_MS);
        await held(rows, 'run-2');
      });
      await expect(lease.commit(many(1))).rejects.toThrow(LeaseLostError);
      expect(await rows.loadAll()).toEqual([]);
    });
  });

  describe(`what a pass commits (${name})`, () => {
    it('is split at 100 rows, each mapping with its index, cursors and final facts last', async () => {
      const faults = new FaultyTables(tables());
      const { rows } = storeTest(faults);
      const lease = await held(rows);
      const before = faults.writes.length;
      const changes = [cursor('a', 'cA'), ...many(120), cursor('b', 'cB')];
      await lease.commit(changes, { passOpen: true }, { passOpen: false });
      const transactions = faults.writes
        .slice(before)
        .map((writes) => writes.map(({ row }) => row.rowKey));
      expect(transactions.map(({ length }) => length)).toEqual([99, 99, 47]);
      for (const keys of transactions) {
        expect(keys.filter((key) => key.startsWith('m:'))).toHaveLength(
          keys.filter((key) => key.startsWith('i:')).length,
        );
        expect(keys[0]).toBe('c:lease');
      }
      expect(transactions.map((keys) => keys.filter((key) => /^c:[ab]$/.test(key)))).toEqual([
        [],
        [],
        ['c:a', 'c:b'],
      ]);
      const open = faults.writes.slice(before).map(([write]) => write?.row.values['passOpen']);
      expect(open).toEqual([true, true, false]);
      expect(await rows.loadAll()).toHaveLength(120);
    });

    it('keeps what came before and moves no cursor when it breaks off in the middle', async () => {
      const faults = new FaultyTables(tables());
      const { rows } = storeTest(faults);
      const lease = await held(rows);
      faults.next('none', 'drop');
      const commit = lease.commit(
        [...many(60), cursor('a', 'new')],
        { passOpen: true },
        { passOpen: false },
      );
      await expect(commit).rejects.toMatchObject({ kind: 'unavailable' });
      expect(await rows.loadAll()).toHaveLength(49);
      const control = await rows.readControl();
      expect(control.a).toBeUndefined();
      expect(control.lease.passOpen).toBe(true);
    });

    it('takes the later of two changes to one row', async () => {
      const { rows } = start();
      const lease = await held(rows);
      const first = mapping('A', 'B');
      await lease.commit([change(first), change({ ...first, generation: 5 })]);
      expect(await rows.loadAll()).toEqual([{ ...first, generation: 5 }]);
    });

    it('loses a member that is no longer there', async () => {
      const { rows } = start();
      const lease = await held(rows);
      const { b: _, ...alone } = mapping('A', 'B');
      await lease.commit([change(mapping('A', 'B', { reason: 'why', createIntent: intent }))]);
      await lease.commit([change(alone)]);
      expect(await rows.loadAll()).toEqual([alone]);
    });

    it('keeps cursors of 100 kB and more, and the window', async () => {
      const { rows } = start();
      const lease = await held(rows);
      const long =
        'https://graph/delta?$deltatoken=é+/=#'.repeat(3_000) + '\u{1f4c5}'.repeat(20_000);
      const range = { start: 1e12 as Instant, end: 2e12 as Instant };
      const row = { ...range, version: 4, rebasedAt: 15e11 as Instant };
      await lease.commit([cursor('a', long), cursor('b', ''), { kind: 'window', row }]);
      expect(lease.control.window).toEqual(row);
      const control = await rows.readControl();
      expect(control.a).toEqual({
        cursor: long,
        windowVersion: 3,
        digest: 'd1',
        planVersion: 'p1',
      });
      expect(control.b?.cursor).toBe('');
      expect(control.window).toEqual(row);
      await lease.commit([
        { kind: 'cursor', side: 'a', row: { windowVersion: 5, planVersion: 'p2' } },
      ]);
      expect((await rows.readControl()).a).toEqual({ windowVersion: 5, planVersion: 'p2' });
      expect(lease.control.a).toEqual({ windowVersion: 5, planVersion: 'p2' });
    });

    it('writes nothing when a row is too large', async () => {
      const { rows } = start();
      const lease = await held(rows);
      const huge = cursor('a', 'x'.repeat(450_001));
      await expect(lease.commit([...many(200), huge])).rejects.toMatchObject({ kind: 'too-large' });
      expect(await rows.loadAll()).toEqual([]);
      await lease.commit([cursor('a', 'x'.repeat(450_000)), cursor('b', 'y'.repeat(450_000))]);
      expect((await rows.readControl()).b?.cursor).toHaveLength(450_000);
    });

    it('refuses a mapping whose id is no row key', async () => {
      const { rows } = start();
      const lease = await held(rows);
      const odd = mapping('A', 'B', { id: 'm:a:x/y' as MappingId });
      await expect(lease.commit([change(odd)])).rejects.toMatchObject({ kind: 'other' });
    });
  });

  describe(`the event mappings of a pair (${name})`, () => {
    it('come by either side’s id, whatever stands in it', async () => {
      const { rows } = start();
      const odd = [
        'AAMk/AG+=',
        'a#b?c',
        'event:12',
        'æøå 日本 \u{1f4c5}',
        '%2F..\\',
        'x'.repeat(900),
      ];
      const changes = odd.map((id) =>
        change(mapping(id, `copy of ${id}`), { side: 'b', id: `copy of ${id}` }),
      );
      const lease = await held(rows);
      await lease.commit(changes);
      for (const id of odd) {
        const byOrigin = await rows.loadByIds(ids('a', id));
        expect(byOrigin).toEqual({ mappings: [mapping(id, `copy of ${id}`)], old: [] });
        expect(await rows.loadByIds(ids('b', `copy of ${id}`))).toEqual(byOrigin);
        expect(await rows.loadByIds(ids('b', id))).toEqual({ mappings: [], old: [] });
      }
    });

    it('come once each, however many of their ids are asked for', async () => {
      const { rows } = start();
      const lease = await held(rows);
      await lease.commit(many(30));
      const asked = Array.from({ length: 30 }, (_, n) => [
        ...ids('a', `A${n}`, `A${n}`),
        ...ids('b', `B${n}`),
      ]).flat();
      const { mappings } = await rows.loadByIds([...asked, ...ids('a', 'unknown')]);
      expect(new Set(mappings.map(({ id }) => id)).size).toBe(30);
      expect(mappings).toHaveLength(30);
      expect(await rows.loadByIds([])).toEqual({ mappings: [], old: [] });
    });

    it('are found by ids that ended, and told to be old', async () => {
      const { rows } = start();
      const lease = await held(rows);
      const event = mapping('A', 'B1');
      await lease.commit([change(event, { side: 'b', id: 'B1' })]);
      const next = mapping('A', 'B2', { generation: 1 });
      await lease.commit([
        change(next, { side: 'b', id: 'B1', old: true }, { side: 'b', id: 'B2' }),
      ]);
      const old = [{ side: 'b', id: 'B1', mappingId: event.id }];
      expect(await rows.loadByIds(ids('b', 'B1'))).toEqual({ mappings: [next], old });
      expect(await rows.loadByIds(ids('b', 'B2'))).toEqual({ mappings: [next], old: [] });
      expect(await rows.loadOld()).toEqual(old);
    });

    it('are found by the first id of a re-created origin, told to be old', async () => {
      const { rows } = start();
      const lease = await held(rows);
      const next = { ...mapping('A1', 'B'), a: { ...mapping('A2', 'B').a } } as ReturnType<
        typeof mapping
      >;
      await lease.commit([
        change(next, { side: 'a', id: 'A1', old: true }, { side: 'a', id: 'A2' }),
      ]);
      const old = [{ side: 'a', id: 'A1' as ExternalId, mappingId: next.id }];
      expect(await rows.loadByIds(ids('a', 'A1'))).toEqual({ mappings: [next], old });
      expect(await rows.loadByIds(ids('a', 'A2'))).toEqual({ mappings: [next], old: [] });
    });

    it('come all, past a page of 1,000', async () => {
      const { rows } = start();
      const lease = await held(rows);
      await lease.commit(many(1_100));
      const loaded = await rows.loadAll();
      expect(new Set(loaded.map(({ a }) => a?.id)).size).toBe(1_100);
    });

    it('stay with their tenant and their pair', async () => {
      const { stores, tenantId, pairId, rows } = start();
      const lease = await held(rows);
      await lease.commit(many(3));
      await rows.raise();
      for (const other of [
        stores.sync.forPair(`${tenantId}2` as TenantId, pairId),
        stores.sync.forPair(tenantId, `${pairId}2` as typeof pairId),
        stores.sync.forPair(`${tenantId}:${pairId}` as TenantId, '' as typeof pairId),
      ]) {
        expect(await other.loadAll()).toEqual([]);
        expect((await other.readControl()).signal.raised).toBe(0);
        expect((await other.take('run-x')).kind).toBe('held');
      }
    });

    it('name the row when one is damaged, and leave other pairs be', async () => {
      const { rows, stores, tenantId, pairId } = start();
      const lease = await held(rows);
      await lease.commit(many(2));
      const damaged = mapping('A0', 'B0').id;
      await tables()
        .table('sync')
        .write(pairPartition(tenantId, pairId), [
          { kind: 'merge', row: { rowKey: damaged, values: { a: '{"id":', updatedAt: 'secret' } } },
        ]);
      const failure = await rows.loadAll().catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(DamagedRowError);
      expect(failure).toMatchObject({ rowKey: damaged });
      expect(String(failure)).toContain(damaged);
      expect(String(failure)).not.toContain('secret');
      const other = stores.sync.forPair(tenantId, `${pairId}2` as typeof pairId);
      expect(await other.loadAll()).toEqual([]);
    });

    it('are seen by another process on the same tables', async () => {
      const { rows, clock, tenantId, pairId } = start();
      const lease = await held(rows);
      await lease.commit(many(1));
      const restarted = makeStores(tables(), { clock, logger: silentLogger });
      expect(await restarted.sync.forPair(tenantId, pairId).loadAll()).toHaveLength(1);
    });
  });

  describeSignal(name, tables);
}

const intent = { target: 'b', fingerprint: { title: 'x' }, at: 1e12 as Instant } as const;
