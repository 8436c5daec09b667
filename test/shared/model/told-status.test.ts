import { describe, expect, it } from 'vitest';
import type { Pair } from '../../../shared/model/pair.ts';
import { MINUTE_MS } from '../../../shared/model/time.ts';
import { toldStatus } from '../../../shared/model/told-status.ts';
import type { Instant } from '../../../shared/util/clock.ts';

const NOW = Date.parse('2026-11-24T12:00:00Z');
const ago = (minutes: number): Instant => (NOW - minutes * MINUTE_MS) as Instant;

function told(pair: Partial<Pair>, syncFrequencyMinutes = 0) {
  const made = { createdAt: ago(10_000), updatedAt: ago(10_000) };
  const whole = { active: true, syncEnabled: true, status: 'synced', ...made, ...pair } as Pair;
  return toldStatus(whole, { now: NOW as Instant, syncFrequencyMinutes });
}

describe('the status of a pair', () => {
  it('is what its last run found while passes are completed', () => {
    expect(told({ lastSyncedAt: ago(30) })).toEqual({ status: 'synced' });
    expect(told({ lastSyncedAt: ago(5), status: 'error', statusReason: 'no' })).toEqual({
      status: 'error',
      reason: 'no',
    });
  });

  it('is stale, with what was found last, once no pass was completed for three intervals', () => {
    const pair = {
      lastSyncedAt: ago(31),
      status: 'error',
      statusReason: 'side b is down',
    } as const;
    expect(told(pair)).toEqual({
      status: 'stale',
      reason:
        'no pass was completed since 2026-11-24T11:29:00Z; when it last ran: error: side b is down',
    });
  });

  it('takes the interval from its tenant, where that is longer', () => {
    expect(told({ lastSyncedAt: ago(179) }, 60).status).toBe('synced');
    expect(told({ lastSyncedAt: ago(181) }, 60).status).toBe('stale');
  });

  it('is stale where it never was synced, counted from when it was made', () => {
    const made = { createdAt: ago(31), updatedAt: ago(31), status: 'pending' } as const;
    expect(told(made)).toEqual({
      status: 'stale',
      reason: 'no pass was ever completed; it has not run yet',
    });
    expect(told({ ...made, createdAt: ago(29), updatedAt: ago(29) }).status).toBe('pending');
  });

  it('is not stale just after it was resumed or changed, nor while it is paused or has ended', () => {
    expect(told({ lastSyncedAt: ago(900), updatedAt: ago(1) }).status).toBe('synced');
    expect(told({ lastSyncedAt: ago(900), syncEnabled: false }).status).toBe('paused');
    expect(told({ lastSyncedAt: ago(900), active: false }).status).toBe('synced');
  });
});
