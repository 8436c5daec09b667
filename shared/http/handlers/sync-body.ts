import * as z from 'zod';
import type { Side } from '../../model/ids.ts';
import {
  addDays,
  DAY_MS,
  dateOf,
  midnight,
  parseInstant,
  parseLocalDate,
  toInstant,
  toLocal,
  type InstantRange,
  type TimeZoneId,
} from '../../model/time.ts';
import type { RunOptions } from '../../sync/run-report.ts';
import type { Instant } from '../../util/clock.ts';
import { badField } from '../problem.ts';
import { requestBody } from '../schemas/component.ts';
import { resourceId } from './mapping-body.ts';

/** Earlier clients that send only a start mean the 30 days from it. */
const DEFAULT_RANGE_DAYS = 30;

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
  const range = rangeOf(body, zone, now);
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

function rangeOf(body: SyncRequest, zone: TimeZoneId, now: Instant): InstantRange | undefined {
  const { start_date: from, end_date: to } = body;
  if (from === undefined && to === undefined) return undefined;
  const today = toInstant(midnight(dateOf(toLocal(now, zone))), zone);
  const start = from === undefined ? today : instantOf('start_date', from, zone, 0);
  const end =
    to === undefined
      ? ((start + DEFAULT_RANGE_DAYS * DAY_MS) as Instant)
      : instantOf('end_date', to, zone, 1);
  if (end <= start) throw badField('end_date', 'expected a time after start_date');
  return { start, end };
}

/** A date is a whole day of the tenant's zone, so that the last one is still in it. */
function instantOf(field: string, text: string, zone: TimeZoneId, addedDays: 0 | 1): Instant {
  const day = parseLocalDate(text);
  if (day !== undefined) return toInstant(midnight(addDays(day, addedDays)), zone);
  const instant = parseInstant(text);
  if (instant !== undefined) return instant;
  throw badField(field, 'expected YYYY-MM-DD, or an ISO 8601 time with Z or an offset');
}
