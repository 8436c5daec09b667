import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { holdIdOf } from '../../../shared/model/hold.ts';
import { mappingIdOf, type ExternalId, type PairId } from '../../../shared/model/ids.ts';
import type { EventMapping, Fingerprint, SideState } from '../../../shared/model/mapping.ts';
import { DamagedRowError } from '../../../shared/stores/errors.ts';
import {
  fromIndexRow,
  fromMappingRow,
  REASON_CHARS_MAX,
  toIndexRow,
  toMappingRow,
} from '../../../shared/stores/mapping-row.ts';
import { checkRow } from '../../../shared/stores/table.ts';
import type { Instant } from '../../../shared/util/clock.ts';
import { mapping } from './fixtures.ts';

const text = (maxLength: number): fc.Arbitrary<string> =>
  fc.string({ unit: 'grapheme', maxLength });
const instant = fc
  .date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
  .map((date) => date.getTime() as Instant);
const side = fc.constantFrom('a', 'b');
const externalId = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 300 })
  .map((id) => id as ExternalId);
const hmac = fc.base64String({ maxLength: 12 });

const fingerprint: fc.Arbitrary<Fingerprint> = fc.record(
  { title: hmac, slot: hmac, description: hmac, contact: hmac },
  { requiredKeys: [] },
);

const sideState: fc.Arbitrary<SideState> = fc.record(
  {
    id: externalId,
    fingerprint,
    fpVersion: fc.nat({ max: 1_000 }),
    keyVersion: text(20),
    version: text(100),
    lastModified: instant,
    start: instant,
    end: instant,
    rights: fc.constantFrom('full', 'decline', 'none'),
    firstSeenChangedAt: instant,
    gone: fc.constant(true),
    missingSince: instant,
    masterId: externalId,
    originalStart: instant,
    held: fc.constant(holdIdOf('pair' as PairId, 'a', 'deletions', 0 as Instant)),
  },
  { requiredKeys: ['id', 'fingerprint', 'fpVersion', 'keyVersion', 'start', 'end', 'rights'] },
);

const eventMapping: fc.Arbitrary<EventMapping> = fc.record(
  {
    id: fc.tuple(side, externalId).map(([origin, id]) => mappingIdOf(origin, id)),
    origin: side,
    state: fc.constantFrom('pending', 'synced', 'error', 'conflict', 'cancelled', 'refused'),
    generation: fc.nat(),
    a: sideState,
    b: sideState,
    owed: fc.constantFrom([], ['a'], ['b'], ['a', 'b']),
    restores: fc.nat({ max: 9 }),
    createIntent: fc.record(
      { target: side, fingerprint, at: instant, lostSince: instant },
      { requiredKeys: ['target', 'fingerprint', 'at'] },
    ),
    suspended: side,
    withheld: fc.constant(true),
    kept: fc.constant(true),
    writes: fc.record({
      sinceSource: fc.nat({ max: 9 }),
      sources: fc.record({ a: hmac, b: hmac }, { requiredKeys: [] }),
    }),
    rule: text(40),
    reason: text(200),
    lastSyncedAt: instant,
    updatedAt: instant,
  },
  {
    requiredKeys: ['id', 'origin', 'state', 'generation', 'owed', 'restores', 'updatedAt'],
  },
);

describe('the row of an event mapping', () => {
  it('gives back every mapping as it was, and fits in a table', () => {
    fc.assert(
      fc.property(eventMapping, (event) => {
        const row = toMappingRow(event);
        checkRow(row);
        expect(fromMappingRow('t:p', { ...row, etag: 'e' })).toEqual(event);
      }),
    );
  });

  it('cuts a reason that is too long, never in the middle of a character', () => {
    const reason = 'x' + '\u{1f4c5}'.repeat(REASON_CHARS_MAX);
    const row = toMappingRow(mapping('A', 'B', { reason }));
    const stored = fromMappingRow('t:p', { ...row, etag: 'e' }).reason ?? '';
    expect(stored).toHaveLength(REASON_CHARS_MAX);
    expect(stored.isWellFormed()).toBe(true);
  });

  it.each([
    ['a missing value', { state: '' }],
    ['a state that is none', { state: 'happy' }],
    ['cut-off JSON', { a: '{"id":"x"' }],
    ['a side without an id', { a: '{"fingerprint":{}}' }],
    ['a time that is none', { updatedAt: 'yesterday' }],
    ['an unknown side', { owed: 'ac' }],
  ])('is damaged by %s', (_, values) => {
    const row = toMappingRow(mapping('A', 'B'));
    const damaged = { ...row, etag: 'e', values: { ...row.values, ...values } };
    expect(() => fromMappingRow('t:p', damaged)).toThrow(DamagedRowError);
  });

  it('passes over values it does not know, such as a newer version’s', () => {
    const row = toMappingRow(mapping('A', 'B'));
    const newer = { ...row, etag: 'e', values: { ...row.values, color: 'red' } };
    expect(fromMappingRow('t:p', newer)).toEqual(mapping('A', 'B'));
  });
});

describe('the row of an id', () => {
  it('gives back side, id and age', () => {
    fc.assert(
      fc.property(side, externalId, fc.boolean(), (one, id, old) => {
        const { id: mappingId } = mapping('A', 'B');
        const row = toIndexRow(mappingId, { side: one, id, ...(old ? { old } : {}) });
        checkRow(row);
        const stored = fromIndexRow('t:p', { ...row, etag: 'e' });
        expect(stored).toEqual({ side: one, id, mappingId, old });
      }),
    );
  });
});
