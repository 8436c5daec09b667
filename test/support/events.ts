import type { CalendarEvent } from '../../shared/model/event.ts';
import type { EventContent } from '../../shared/model/fields.ts';
import { durationBetween, toLocal, type TimeZoneId } from '../../shared/model/time.ts';
import type { Instant } from '../../shared/util/clock.ts';

const UTC = 'UTC' as TimeZoneId;

/** The times of an event between two instants. */
export function times(
  start: Instant,
  end: Instant,
): Pick<CalendarEvent, 'start' | 'timeZone' | 'duration' | 'showWithoutTime'> {
  return {
    start: toLocal(start, UTC),
    timeZone: UTC,
    duration: durationBetween({ start, end }),
    showWithoutTime: false,
  };
}

export function meeting(
  title: string,
  start: Instant,
  end: Instant,
  more: Partial<EventContent> = {},
): EventContent {
  return { title, description: '', ...times(start, end), freeBusyStatus: 'busy', ...more };
}
