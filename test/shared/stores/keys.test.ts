import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type {
  BridgeKey,
  ExternalId,
  PairId,
  ResourceId,
  RunId,
  TenantId,
} from '../../../shared/model/ids.ts';
import {
  dayOf,
  dayPartition,
  daysBackwards,
  healthKey,
  indexKey,
  keyPart,
  monthTable,
  nextMonth,
  pairKey,
  pairPartition,
  pairRunKey,
  prefixRange,
  resourceKey,
  resourcePrefix,
  reverseMs,
  runKey,
} from '../../../shared/stores/keys.ts';
import { checkRow } from '../../../shared/stores/table.ts';
import type { Instant } from '../../../shared/util/clock.ts';

const at = (text: string): Instant => Date.parse(text) as Instant;
const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 700 }),
  fc.constantFrom('a/b', 'a:b', '#?\\', '~x', ''),
);

describe('keys', () => {
  it('are ones that tables take, whatever the ids hold', () => {
    fc.assert(
      fc.property(anyText, anyText, (one, other) => {
        const keys = [
          pairPartition(one as TenantId, other as PairId),
          dayPartition(one as TenantId, at('2026-11-23T00:00:00Z')),
          indexKey('a', one as ExternalId),
          pairKey(one as PairId),
          pairRunKey(one as PairId),
          resourceKey(one as BridgeKey, other as ResourceId, one as PairId),
          healthKey(one as BridgeKey),
          runKey(one as RunId),
        ];
        for (const rowKey of keys) expect(() => checkRow({ rowKey, values: {} })).not.toThrow();
      }),
    );
  });

  it('keep tenants and pairs apart', () => {
    fc.assert(
      fc.property(fc.array(anyText, { minLength: 4, maxLength: 4 }), ([a, b, c, d]) => {
        const one = pairPartition(a as TenantId, b as PairId);
        const other = pairPartition(c as TenantId, d as PairId);
        expect(one === other).toBe(a === c && b === d);
      }),
    );
  });

  it('let nobody make up an id that is the hash of another one', () => {
    const hashed = keyPart('a/b');
    expect(keyPart(hashed)).not.toBe(hashed);
    expect(keyPart('run-1_X')).toBe('run-1_X');
  });

  it('find a resource whatever the case of its id', () => {
    const [bridge, id] = ['outlook' as BridgeKey, 'p1' as PairId];
    expect(resourceKey(bridge, 'Room@X.example' as ResourceId, id)).toBe(
      `${resourcePrefix(bridge, 'room@x.EXAMPLE' as ResourceId)}p1`,
    );
  });

  it('cover exactly what begins with a prefix', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme-ascii', minLength: 1 }), anyText, (prefix, text) => {
        const { from, to } = prefixRange(prefix);
        for (const key of [text, prefix + text, prefix])
          expect(key >= from && key < to).toBe(key.startsWith(prefix));
      }),
    );
  });

  it('sort the newest first', () => {
    const instants = fc.integer({ min: 0, max: 99_999_999_999_999 }) as fc.Arbitrary<Instant>;
    fc.assert(
      fc.property(instants, instants, (one, other) => {
        expect(reverseMs(one)).toHaveLength(14);
        expect(reverseMs(one) < reverseMs(other)).toBe(one > other);
      }),
    );
  });

  it('put a moment in its day and month of UTC', () => {
    const last = at('2026-12-31T23:59:59.999Z');
    expect(dayOf(last)).toBe('20261231');
    expect(monthTable('log', last)).toBe('log202612');
    expect(monthTable('audit', nextMonth(last))).toBe('audit202701');
    expect(monthTable('log', nextMonth(at('2026-01-31T12:00:00Z')))).toBe('log202602');
  });

  it('name the days of a half-open range, the last one first', () => {
    const days = (from: string, to: string): string[] => daysBackwards(at(from), at(to)).map(dayOf);
    expect(days('2026-11-29T23:59:59Z', '2026-12-01T00:00:00.001Z')).toEqual([
      '20261201',
      '20261130',
      '20261129',
    ]);
    expect(days('2026-11-29T00:00:00Z', '2026-11-30T00:00:00Z')).toEqual(['20261129']);
  });
});
