import { describe, expect, it } from 'vitest';
import { HOUR_MS, MINUTE_MS } from '../../../shared/model/time.ts';
import type { ControlRows, CursorRow } from '../../../shared/stores/ports.ts';
import { isAtRest, isReadLately } from '../../../shared/sync/quiet.ts';
import type { Instant } from '../../../shared/util/clock.ts';

const NOW = 1_800_000_000_000 as Instant;
const CURSOR: CursorRow = { windowVersion: 3, planVersion: 'plan' };
const BRAKE = { deletions: {}, creates: {}, holds: [] };
const LEASE = { passOpen: false, intents: 0, blockedUntil: {}, failures: 0 };
const REST: ControlRows = {
  brake: { a: BRAKE, b: BRAKE },
  decisions: [],
  lease: LEASE,
  signal: { raised: 4, state: 'queued', seen: 4 },
  a: CURSOR,
  b: CURSOR,
};
const { a: _, ...WITHOUT_A } = REST;
const terms = { windowVersion: 3, planVersion: 'plan', now: NOW };

describe('a pair', () => {
  it('is at rest where nothing of it waits', () => {
    expect(isAtRest(REST, terms)).toBe(true);
    const later = { ...LEASE, parked: 1, parkedDueAt: (NOW + 1) as Instant };
    expect(isAtRest({ ...REST, lease: later }, terms)).toBe(true);
  });

  it.each<[string, ControlRows]>([
    ['a run died in it', { ...REST, lease: { ...LEASE, passOpen: true } }],
    ['a create was not answered', { ...REST, lease: { ...LEASE, intents: 1 } }],
    ['its last run failed', { ...REST, lease: { ...LEASE, failures: 1 } }],
    ['an event is missed', { ...REST, lease: { ...LEASE, missed: 1 } }],
    ['a parked event is due', { ...REST, lease: { ...LEASE, parkedDueAt: NOW } }],
    ['its signal is up', { ...REST, signal: { raised: 5, state: 'queued', seen: 4 } }],
    ['a side was never read', WITHOUT_A],
    ['a side was read with another window', { ...REST, b: { ...CURSOR, windowVersion: 2 } }],
    ['a side was read by another plan', { ...REST, b: { ...CURSOR, planVersion: 'old' } }],
    [
      'a person has decided',
      {
        ...REST,
        decisions: [{ holdId: 'hold' as never, decision: 'approve', who: 'kari', at: NOW }],
      },
    ],
    [
      'something is held',
      { ...REST, brake: { a: { ...BRAKE, holds: [{ state: 'open' } as never] }, b: BRAKE } },
    ],
  ])('is not at rest where %s', (_what, control) => {
    expect(isAtRest(control, terms)).toBe(false);
  });

  it('was read lately for one slow interval less a minute', () => {
    const pair = { updatedAt: (NOW - 50 * HOUR_MS) as Instant };
    const read = (ms: number): boolean =>
      isReadLately({ readAt: (NOW - ms) as Instant }, pair, 60, NOW);
    expect(read(HOUR_MS - MINUTE_MS - 1)).toBe(true);
    expect(read(HOUR_MS - MINUTE_MS)).toBe(false);
    expect(isReadLately({}, pair, 60, NOW)).toBe(false);
    expect(isReadLately({ readAt: NOW }, pair, 0, NOW)).toBe(false);
  });

  it('was not read lately where it was changed, or resumed, since', () => {
    const readAt = (NOW - MINUTE_MS) as Instant;
    expect(isReadLately({ readAt }, { updatedAt: readAt }, 60, NOW)).toBe(true);
    expect(isReadLately({ readAt }, { updatedAt: (readAt + 1) as Instant }, 60, NOW)).toBe(false);
  });
});
