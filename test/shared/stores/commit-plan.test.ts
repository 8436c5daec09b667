import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planTransactions } from '../../../shared/stores/commit-plan.ts';
import { bodyBytes, checkWrites } from '../../../shared/stores/table.ts';
import type { RowChange } from '../../../shared/stores/ports.ts';
import { change, cursor, mapping } from './fixtures.ts';

const lease = { kind: 'upsert', row: { rowKey: 'c:lease', values: {} } } as const;

const mappingChange = fc
  .record({
    name: fc.nat({ max: 400 }),
    others: fc.array(fc.nat({ max: 400 }), { maxLength: 6 }),
    reasonChars: fc.constantFrom(0, 10, 2_000),
  })
  .map(({ name, others, reasonChars }): RowChange => {
    const event = mapping(`A${name}`, `B${name}`, { reason: '日'.repeat(reasonChars) });
    return change(event, ...others.map((n) => ({ side: 'b', id: `B${n}` }) as const));
  });

describe('the transactions of a commit', () => {
  it('take every row, in limits, a mapping with its index, cursors in the last', () => {
    fc.assert(
      fc.property(fc.array(mappingChange, { maxLength: 160 }), fc.boolean(), (some, isFinal) => {
        const changes = isFinal ? [cursor('a', 'x'), ...some, cursor('b', 'y')] : some;
        const transactions = planTransactions(changes);
        for (const writes of transactions) checkWrites('t:p', [lease, ...writes]);
        const keys = transactions.map((writes) => writes.map(({ row }) => row.rowKey));
        for (const one of some) {
          if (one.kind !== 'mapping') continue;
          const own = planTransactions([one])
            .flat()
            .map(({ row }) => row.rowKey);
          expect(keys.some((inOne) => own.every((key) => inOne.includes(key)))).toBe(true);
        }
        const withCursors = keys.map((inOne) => inOne.filter((key) => key.startsWith('c:')));
        expect(withCursors.pop()).toEqual(isFinal ? ['c:a', 'c:b'] : []);
        expect(withCursors.flat()).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });

  it('are one without rows for no changes, so that the lease is renewed', () => {
    expect(planTransactions([])).toEqual([[]]);
  });

  it('are as few as fit: 49 new mappings with their copies’ ids and the lease', () => {
    const news = (count: number): RowChange[] =>
      Array.from({ length: count }, (_, n) =>
        change(mapping(`A${n}`, `B${n}`), { side: 'b', id: `B${n}` }),
      );
    expect(planTransactions(news(49))).toHaveLength(1);
    expect(planTransactions(news(50))).toHaveLength(2);
  });

  it('leave cursors a transaction of their own where they do not fit beside the rest', () => {
    const wide = 'é'.repeat(450_000);
    const reasons = Array.from({ length: 98 }, (_, n) =>
      change(mapping(`A${n}`, `B${n}`, { reason: '日'.repeat(2_000), rule: '日'.repeat(2_000) })),
    );
    const transactions = planTransactions([...reasons, cursor('a', wide), cursor('b', wide)]);
    const bytes = transactions.map((writes) =>
      writes.reduce((sum, { row }) => sum + bodyBytes(row), 0),
    );
    expect(Math.max(...bytes)).toBeLessThan(4 * 1024 * 1024);
    expect(transactions.at(-1)?.map(({ row }) => row.rowKey)).toEqual(
      expect.arrayContaining(['c:a', 'c:b']),
    );
  });

  it('are refused where rows that belong together fit in none', () => {
    const index = Array.from({ length: 99 }, (_, n) => ({ side: 'b', id: `B${n}` }) as const);
    expect(() => planTransactions([change(mapping('A', 'B'), ...index)])).toThrow(
      expect.objectContaining({ kind: 'too-large' }),
    );
  });
});
