import { allDayTimes, type CalendarEvent } from '../../model/event.ts';
import type { LocalDate } from '../../model/time.ts';
import type { Side } from '../../model/ids.ts';
import type { SideState } from '../../model/mapping.ts';
import type { SnapshotItem } from '../../model/snapshot.ts';
import { hasItem, withEachItem } from './each-item.ts';
import type { Fingerprinter } from './fingerprint.ts';
import type { PlanState } from './state.ts';

/**
 * The state in which private items have a slot and nothing else. Their other fields count as empty,
 * not as unknown: a meeting that is made private takes its title off the other side's copy.
 */
export function concealed(state: PlanState): PlanState {
  if (!hasItem(state, isPrivate)) return state;
  return withEachItem(state, (side, item) => slotOnly(state, side, item));
}

export function isPrivate({ event }: SnapshotItem): boolean {
  return event.privacy !== 'public';
}

const UNTITLED: CalendarEvent = {
  title: '',
  description: '',
  ...allDayTimes('2000-01-01' as LocalDate, 1),
  status: 'confirmed',
  freeBusyStatus: 'busy',
  privacy: 'private',
};

/** An item without a title may be a private one; only a look at it can tell. */
export function mayBePrivate(fingerprints: Fingerprinter, known: SideState | undefined): boolean {
  return known?.fingerprint.title === fingerprints.of(UNTITLED, ['title']).title;
}

function slotOnly({ capabilities }: PlanState, side: Side, item: SnapshotItem): SnapshotItem {
  if (!isPrivate(item)) return item;
  const { participants: _, ...event } = item.event;
  return {
    ...item,
    event: { ...event, title: '', description: '' },
    shown: capabilities[side].readable,
  };
}
