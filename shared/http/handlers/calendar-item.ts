import type * as z from 'zod';
import { contactOf, datesOf, slotOf, type CalendarEvent } from '../../model/event.ts';
import type { SnapshotItem } from '../../model/snapshot.ts';
import { formatInstant } from '../../model/time.ts';
import { defaultTitleOf } from '../../tenants/default-title.ts';
import type { TenantConfig } from '../../tenants/tenant-config.ts';
import type { CalendarItem } from '../schemas/discovery.ts';
import { timeOrNull } from './mapping-row.ts';

type ItemRow = z.output<typeof CalendarItem>;

/** Its start in UTC, also of all-day events. */
export function startOf({ event }: SnapshotItem, { timeZone }: TenantConfig): string {
  return formatInstant(slotOf(event, timeZone).start);
}

/**
 * An item as clients read it. What a private one says never leaves, whatever its system shows of
 * it; what a read could not show is null.
 */
export function renderItem(item: SnapshotItem, tenant: TenantConfig, bridgeType: string): ItemRow {
  const { event, shown, unsupported = null, lastModified } = item;
  const isPrivate = event.privacy !== 'public';
  const ofField = <T>(field: 'title' | 'description', value: T): T | null =>
    !isPrivate && shown.includes(field) ? value : null;
  return {
    id: item.id,
    subject: isPrivate ? defaultTitleOf(tenant) : ofField('title', event.title),
    description: ofField('description', event.description),
    ...timesOf(event, tenant),
    all_day: event.showWithoutTime,
    timezone: event.timeZone,
    organizer: isPrivate ? null : organizerOf(event),
    status: event.status,
    show_as: event.freeBusyStatus,
    is_private: isPrivate,
    not_copied_because: unsupported,
    last_modified: timeOrNull(lastModified),
    bridge_type: bridgeType,
  };
}

function timesOf(event: CalendarEvent, { timeZone }: TenantConfig): Pick<ItemRow, 'start' | 'end'> {
  if (event.showWithoutTime) return datesOf(event);
  const { start, end } = slotOf(event, timeZone);
  return { start: formatInstant(start), end: formatInstant(end) };
}

function organizerOf(event: CalendarEvent): ItemRow['organizer'] {
  const contact = contactOf(event);
  return contact === undefined
    ? null
    : { name: contact.name ?? null, email: contact.email ?? null };
}
