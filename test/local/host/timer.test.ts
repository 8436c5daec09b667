import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import type { HostClock } from '../../../local/host/clock.ts';
import type { TypedData } from '../../../local/host/core-types.ts';
import { parseSchedule } from '../../../local/host/schedule.ts';
import { createTimer, openTimerStatuses, type Timer } from '../../../local/host/timer.ts';

const MINUTE_MS = 60_000;

/** Stands still until it is advanced. */
function standingClock(startIso: string): HostClock {
  let nowMs = Date.parse(startIso);
  const listeners: (() => void)[] = [];
  return {
    now: () => nowMs,
    advance: (ms) => {
      nowMs += ms;
      for (const listener of listeners) listener();
    },
    onAdvance: (listener) => listeners.push(listener),
  };
}

interface Scene {
  clock: HostClock;
  timer: Timer;
  runs: { IsPastDue: boolean; ScheduleStatus: { Last: string; Next: string } | null }[];
  failures: unknown[];
}

function stage(
  options: {
    dir?: string;
    startIso?: string;
    monitored?: boolean;
    work?: () => Promise<void>;
  } = {},
): Scene {
  const clock = standingClock(options.startIso ?? '2026-01-01T00:02:00Z');
  const runs: Scene['runs'] = [];
  const failures: unknown[] = [];
  const timer = createTimer({
    name: 'five',
    schedule: parseSchedule('0 */5 * * * *'),
    monitored: options.monitored ?? true,
    runOnStartup: false,
    clock,
    statuses: openTimerStatuses(options.dir ?? mkdtempSync(join(tmpdir(), 'timer-'))),
    run: async ({ json = 'null' }: TypedData) => {
      runs.push(JSON.parse(json) as Scene['runs'][number]);
      await options.work?.();
    },
    onFailure: (error) => failures.push(error),
  });
  return { clock, timer, runs, failures };
}

describe('a timer', () => {
  it('fires when its time has come, and not before', async () => {
    const { clock, timer, runs } = stage();
    timer.start();
    clock.advance(2 * MINUTE_MS);
    clock.advance(MINUTE_MS);
    await vi.waitFor(() => expect(runs).toHaveLength(1));
    expect(runs[0]).toMatchObject({ IsPastDue: false, ScheduleStatus: null });
    timer.stop();
  });

  it('fires once after a long jump of the clock, and says that it is late', async () => {
    const { clock, timer, runs } = stage();
    timer.start();
    clock.advance(120 * MINUTE_MS);
    await vi.waitFor(() => expect(runs).toHaveLength(1));
    expect(runs[0]?.IsPastDue).toBe(true);
    clock.advance(3 * MINUTE_MS);
    await vi.waitFor(() => expect(runs).toHaveLength(2));
    expect(runs[1]?.ScheduleStatus?.Last).toBe('2026-01-01T02:02:00.000Z');
    timer.stop();
  });

  it('never overlaps itself, though its owner asks meanwhile', async () => {
    const releases: (() => void)[] = [];
    let atOnce = 0;
    let most = 0;
    const { clock, timer, runs } = stage({
      work: async () => {
        atOnce += 1;
        most = Math.max(most, atOnce);
        await new Promise<void>((resolve) => releases.push(resolve));
        atOnce -= 1;
      },
    });
    timer.start();
    clock.advance(5 * MINUTE_MS);
    await vi.waitFor(() => expect(releases).toHaveLength(1));
    const asked = timer.runNow();
    clock.advance(60 * MINUTE_MS);
    releases[0]?.();
    await vi.waitFor(() => expect(releases).toHaveLength(2));
    releases[1]?.();
    await asked;
    expect(most).toBe(1);
    expect(runs).toHaveLength(2);
    timer.stop();
  });

  it('fires again on schedule after a run that failed, and tells of it', async () => {
    const { clock, timer, runs, failures } = stage({
      work: () => Promise.reject(new Error('broken')),
    });
    timer.start();
    clock.advance(3 * MINUTE_MS);
    await vi.waitFor(() => expect(failures).toHaveLength(1));
    clock.advance(5 * MINUTE_MS);
    await vi.waitFor(() => expect(runs).toHaveLength(2));
    timer.stop();
  });
});

describe('a timer that was away', () => {
  it('makes up at its start for a run missed while the host was down', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'timer-'));
    const before = stage({ dir });
    await before.timer.runNow();
    const { timer, runs } = stage({ dir, startIso: '2026-01-01T09:00:01Z' });
    timer.start();
    await vi.waitFor(() => expect(runs).toHaveLength(1));
    expect(runs[0]).toMatchObject({
      IsPastDue: true,
      ScheduleStatus: { Next: '2026-01-01T00:05:00.000Z' },
    });
    timer.stop();
  });

  it('forgets missed runs without useMonitor', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'timer-'));
    await stage({ dir }).timer.runNow();
    const { clock, timer, runs } = stage({
      dir,
      startIso: '2026-01-01T09:01:00Z',
      monitored: false,
    });
    timer.start();
    clock.advance(4 * MINUTE_MS);
    await vi.waitFor(() => expect(runs).toHaveLength(1));
    expect(runs[0]).toMatchObject({ IsPastDue: false, ScheduleStatus: null });
    timer.stop();
  });

  it('does not fire once stopped', async () => {
    const { clock, timer, runs } = stage();
    timer.start();
    timer.stop();
    clock.advance(60 * MINUTE_MS);
    await timer.runNow();
    expect(runs).toHaveLength(1);
  });
});
