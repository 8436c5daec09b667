import { describe, expect, it } from 'vitest';
import type { PairId } from '../../../shared/model/ids.ts';
import { DAY_MS, HOUR_MS } from '../../../shared/model/time.ts';
import type { ControlRows } from '../../../shared/stores/ports.ts';
import { isReconcileDue, jobFor } from '../../../shared/sync/schedule.ts';
import type { Instant } from '../../../shared/util/clock.ts';
import { memoryWorld, TENANT, tenantConfig } from '../../support/memory-world.ts';

const PAIR = 'pair' as PairId;

function readAt(a: number, b: number): Pick<ControlRows, 'a' | 'b'> {
  const row = (completeAt: number) => ({
    windowVersion: 1,
    planVersion: 'one',
    completeAt: completeAt as Instant,
  });
  return {
    a: row(a),
    b: row(b),
  };
}

describe('a complete read', () => {
  it('is due a day after the last one of either side, give or take an hour', () => {
    const now = 100 * DAY_MS;
    const due = (a: number, b: number): boolean =>
      isReconcileDue(readAt(a, b), PAIR, now as Instant);
    expect(due(now - DAY_MS, now)).toBe(true);
    expect(due(now, now - DAY_MS)).toBe(true);
    expect(due(now - DAY_MS + HOUR_MS, now - DAY_MS + HOUR_MS)).toBe(false);
  });

  it('is what the reconciling timer asks for', () => {
    expect(jobFor('reconcileDeletions', TENANT, PAIR)).toMatchObject({ complete: true });
    expect(jobFor('syncBookingToOutlook', TENANT, PAIR)).toMatchObject({ cause: 'timer' });
  });
});

describe('a pair with a frequency of its own', () => {
  it('is passed over by the ticks in between, and taken by the one that is due', async () => {
    const world = await memoryWorld({ tenant: { ...tenantConfig(), syncFrequencyMinutes: 15 } });
    const tick = async (): Promise<string> =>
      (
        await world.orchestrator.run({
          tenantId: TENANT,
          pairId: world.pair.id,
          cause: 'timer',
          options: {},
        })
      ).outcome;
    expect(await tick()).toBe('completed');
    world.clock.advance(5 * 60_000);
    expect(await tick()).toBe('skipped');
    world.clock.advance(5 * 60_000);
    expect(await tick()).toBe('skipped');
    world.clock.advance(5 * 60_000 - 2_000);
    expect(await tick()).toBe('completed');
  });
});
