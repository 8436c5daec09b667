import { isPending } from '../model/hold.ts';
import { SIDES } from '../model/ids.ts';
import type { Pair } from '../model/pair.ts';
import { MINUTE_MS } from '../model/time.ts';
import type { ControlRows } from '../stores/ports.ts';
import type { Instant } from '../util/clock.ts';
import type { RunOptions } from './run-report.ts';
import { TICK_SLACK_MS } from './schedule.ts';

/**
 * Whether both sides were read so lately that one whose system announces its changes need not be
 * read again: since the pair is as it is, for what was announced while it was paused was left alone.
 * With a `slowPollMinutes` of 0 never.
 */
export function isReadLately(
  { readAt }: Pick<ControlRows['lease'], 'readAt'>,
  { updatedAt }: Pick<Pair, 'updatedAt'>,
  slowPollMinutes: number,
  now: Instant,
): boolean {
  if (readAt === undefined || readAt < updatedAt) return false;
  return now - readAt < slowPollMinutes * MINUTE_MS - TICK_SLACK_MS;
}

/** What a pass would go by now. */
export interface PassTerms {
  readonly windowVersion: number;
  readonly planVersion: string;
  readonly now: Instant;
}

/** Whether nothing of the pair itself waits for a pass, and both cursors are of the present window and plan. */
export function isAtRest(control: ControlRows, { now, ...terms }: PassTerms): boolean {
  const isReady = SIDES.every((side) => {
    const cursor = control[side];
    return (
      cursor?.windowVersion === terms.windowVersion && cursor.planVersion === terms.planVersion
    );
  });
  return isReady && !hasWork(control, now);
}

/**
 * Whether something of the pair itself waits for a pass, whatever its sides show: a run before it died
 * or failed, or something is held, parked and due, missed, decided or announced.
 */
export function hasWork(
  {
    lease,
    signal,
    brake,
    decisions,
  }: Pick<ControlRows, 'lease' | 'signal' | 'brake' | 'decisions'>,
  now: Instant,
): boolean {
  return (
    lease.passOpen ||
    lease.intents > 0 ||
    lease.failures > 0 ||
    (lease.missed ?? 0) > 0 ||
    (lease.parkedDueAt !== undefined && lease.parkedDueAt <= now) ||
    signal.raised !== signal.seen ||
    decisions.length > 0 ||
    SIDES.some((side) => brake[side].holds.some(isPending))
  );
}

/** The same run, of both sides. */
export function withoutQuiet(options: RunOptions): RunOptions {
  const { quiet: _, ...rest } = options;
  return rest;
}
