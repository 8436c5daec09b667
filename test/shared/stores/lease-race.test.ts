import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { LeaseLostError } from '../../../shared/stores/errors.ts';
import { MemoryTables } from '../../../shared/stores/memory/memory-tables.ts';
import type { PairRows } from '../../../shared/stores/ports.ts';
import type { Table, Tables } from '../../../shared/stores/table.ts';
import { change, ids, LEASE_TTL_MS, mapping, storeTest, type TestClock } from './fixtures.ts';

/** Each call waits for the scheduler to let it through, and its answer waits again. */
function scheduled(inner: Tables, scheduler: fc.Scheduler): Tables {
  const slowly = async <T>(label: string, call: () => Promise<T>): Promise<T> => {
    await scheduler.schedule(Promise.resolve(), label);
    const result = await call().then(
      (value) => ({ value }),
      (error: unknown) => ({ error }),
    );
    await scheduler.schedule(Promise.resolve(), `${label} answered`);
    if ('error' in result) throw result.error;
    return result.value;
  };
  return {
    ensureTable: (name) => inner.ensureTable(name),
    table: (name): Table => {
      const table = inner.table(name);
      return {
        get: (...args) => slowly('get', () => table.get(...args)),
        list: (...args) => slowly('list', () => table.list(...args)),
        write: (...args) => slowly('write', () => table.write(...args)),
      };
    },
  };
}

/** Reads a counter, lets time pass, and writes it one higher. True when the write counted. */
async function pass(rows: PairRows, clock: TestClock, waitMs: number): Promise<boolean> {
  const taken = await rows.take('run');
  if (taken.kind === 'busy') return false;
  const { lease } = taken;
  const before = (await rows.loadByIds(ids('a', 'A'))).mappings[0]?.generation ?? 0;
  clock.advance(waitMs);
  try {
    await lease.commit([change(mapping('A', 'B', { generation: before + 1 }))]);
  } catch (error) {
    if (error instanceof LeaseLostError) return false;
    throw error;
  }
  await lease.release({}, { sawSignal: true }).catch((error: unknown) => {
    if (!(error instanceof LeaseLostError)) throw error;
  });
  return true;
}

it('loses no pass’s work in any order of calls, leases that run out included', async () => {
  const waits = fc.array(fc.constantFrom(0, LEASE_TTL_MS / 2, LEASE_TTL_MS), {
    minLength: 2,
    maxLength: 5,
  });
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), waits, async (scheduler, waitsMs) => {
      const tables = new MemoryTables();
      await tables.ensureTable('sync');
      const { rows, clock, stores, tenantId, pairId } = storeTest(scheduled(tables, scheduler));
      const passes = waitsMs.map((waitMs) =>
        pass(stores.sync.forPair(tenantId, pairId), clock, waitMs),
      );
      const counted = await scheduler.waitFor(Promise.all(passes));
      const loaded = await scheduler.waitFor(rows.loadAll());
      expect(loaded[0]?.generation ?? 0).toBe(counted.filter(Boolean).length);
      expect(counted).toContain(true);
    }),
    { numRuns: 150 },
  );
});
