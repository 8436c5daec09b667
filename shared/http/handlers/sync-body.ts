import * as z from 'zod';
import type { Side } from '../../model/ids.ts';
import type { InstantRange, TimeZoneId } from '../../model/time.ts';
import type { RunOptions } from '../../sync/run-report.ts';
import type { Instant } from '../../util/clock.ts';
import { rangeOf } from '../date-range.ts';
import { requestBody } from '../schemas/component.ts';
import { resourceId } from './mapping-body.ts';

const flag = z.boolean('expected true or false');
const date = z.string('expected a date');

export const SyncBody = requestBody(
  'SyncRequest',
  z.object({
    source_calendar_id: resourceId.optional(),
    target_calendar_id: resourceId.optional(),
    start_date: date.optional().describe('First day, or a time with an offset; default today.'),
    end_date: date.optional().describe('Last day, or a time; default 30 days after the start.'),
    handle_deletions: flag.optional().describe('End copies of what is gone; default false.'),
    skip_updates: flag.optional().describe('Leave existing copies as they are; default false.'),
    dry_run: flag.optional().describe('Plan and tell, write nothing; default false.'),
  }),
);

export type SyncRequest = z.infer<typeof SyncBody>;

/** What of the request holds for every pair; the side to write to depends on the pair. */
export interface Narrowing {
  readonly options: Omit<RunOptions, 'target'>;
  /** Asked for in so many words, so that an unnarrowed run would be more than what was asked. */
  readonly explicit: boolean;
}

/**
 * @throws ApiError 400 for dates that are none, or that end before they start.
 */
export function narrowingOf(body: SyncRequest, zone: TimeZoneId, now: Instant): Narrowing {
  const range = rangeAsked(body, zone, now);
  const { dry_run: dryRun = false, skip_updates: skipUpdates = false } = body;
  const options = {
    dryRun,
    skipUpdates,
    // The earlier service deleted only where it was told to; the timers always do.
    handleDeletions: body.handle_deletions ?? false,
    ...(range === undefined ? {} : { range }),
  };
  const explicit = dryRun || skipUpdates || body.handle_deletions === false || range !== undefined;
  return { options, explicit };
}

export function runOptions({ options }: Narrowing, target: Side): RunOptions {
  return { ...options, target };
}

function rangeAsked(body: SyncRequest, zone: TimeZoneId, now: Instant): InstantRange | undefined {
  const { start_date: from, end_date: to } = body;
  if (from === undefined && to === undefined) return undefined;
  const start = { name: 'start_date', value: from };
  return rangeOf(start, { name: 'end_date', value: to }, zone, now);
}
