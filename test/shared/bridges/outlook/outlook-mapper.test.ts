import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { GraphEvent } from '../../../../shared/bridges/outlook/graph-schemas.ts';
import { parseEvent } from '../../../../shared/bridges/outlook/graph-schemas.ts';
import { toGraphMembers, toItem } from '../../../../shared/bridges/outlook/outlook-mapper.ts';
import { ianaZoneOf, windowsZoneOf } from '../../../../shared/bridges/outlook/windows-zones.ts';
import { allDayTimes, slotOf } from '../../../../shared/model/event.ts';
import { FIELDS, type EventContent } from '../../../../shared/model/fields.ts';
import { addDays, durationBetween, toLocal } from '../../../../shared/model/time.ts';
import type { LocalDate, TimeZoneId } from '../../../../shared/model/time.ts';
import type { Instant } from '../../../../shared/util/clock.ts';
import { OSLO } from './support.ts';

const UTC = 'UTC' as TimeZoneId;

/** An event as Graph holds what was written, read in UTC. */
function held(content: EventContent): GraphEvent {
  const members = toGraphMembers(FIELDS, content, OSLO);
  return parseEvent({ id: 'a', '@odata.etag': 'W/"1"', isOrganizer: true, ...members }, 'a test');
}

function graphEvent(members: Partial<GraphEvent>): GraphEvent {
  return {
    id: 'a',
    '@odata.etag': 'W/"1"',
    subject: 'Møte',
    body: { contentType: 'text', content: 'Sak' },
    start: { dateTime: '2026-10-02T08:00:00.0000000', timeZone: 'UTC' },
    end: { dateTime: '2026-10-02T09:00:00.0000000', timeZone: 'UTC' },
    ...members,
  };
}

const text = fc.string({ unit: 'binary', maxLength: 300 });
/** Whole seconds over two years, so that both clock changes are among them. */
const instant = fc
  .integer({ min: 1_767_225_600, max: 1_830_297_600 })
  .map((s) => (s * 1000) as Instant);
const zone = fc.constantFrom(OSLO, UTC, 'America/New_York' as TimeZoneId);

describe('the Outlook mapper', () => {
  it('keeps the slot of every timed event, in all zones and nights', () => {
    fc.assert(
      fc.property(
        instant,
        fc.integer({ min: 1, max: 200_000 }),
        zone,
        (start, seconds, timeZone) => {
          const slot = { start, end: (start + seconds * 1000) as Instant };
          const content: EventContent = {
            title: '',
            description: '',
            freeBusyStatus: 'busy',
            showWithoutTime: false,
            start: toLocal(start, timeZone),
            timeZone,
            duration: durationBetween(slot),
          };
          const wanted = slotOf({ ...content, status: 'confirmed', privacy: 'public' }, OSLO);
          const event = { ...held(content), originalStartTimeZone: 'W. Europe Standard Time' };
          expect(slotOf(toItem(event, OSLO).event, OSLO)).toEqual(wanted);
        },
      ),
    );
  });

  it('keeps the dates of every all-day event', () => {
    fc.assert(
      fc.property(fc.nat(1500), fc.integer({ min: 1, max: 40 }), (offset, days) => {
        const times = allDayTimes(addDays('2026-01-01' as LocalDate, offset), days);
        const content: EventContent = {
          title: '',
          description: '',
          freeBusyStatus: 'busy',
          ...times,
        };
        expect(toItem(held(content), OSLO).event).toMatchObject(times);
      }),
    );
  });

  it('settles on a text after the first round trip', () => {
    fc.assert(
      fc.property(text, text, (title, description) => {
        const times = allDayTimes('2026-10-02' as LocalDate, 1);
        const trip = (content: EventContent): EventContent => toItem(held(content), OSLO).event;
        const first = trip({ title, description, freeBusyStatus: 'busy', ...times });
        expect(trip(first)).toEqual(first);
        expect(first.title.length).toBeLessThanOrEqual(255);
      }),
    );
  });
});

describe('what the Outlook mapper reads', () => {
  it('reads lines as one system writes them, whatever ends them', () => {
    const body = { contentType: 'text', content: 'En\r\nto\r\n\r\ntre\r\n \r\n' };
    expect(toItem(graphEvent({ body }), OSLO).event.description).toBe('En\nto\n\ntre');
  });

  it('does not know a description that came as HTML', () => {
    const body = { contentType: 'html', content: '<p>Sak</p>' };
    const item = toItem(graphEvent({ body }), OSLO);
    expect(item.shown).not.toContain('description');
    expect(item.event.description).toBe('');
  });

  it('takes an event without a subject as one with an empty title', () => {
    const item = toItem(graphEvent({ subject: null }), OSLO);
    expect(item.event.title).toBe('');
    expect(item.shown).toContain('title');
  });

  it('reads the date of an all-day event whatever its zone', () => {
    const at = (date: string) => ({ dateTime: `${date}T00:00:00.0000000`, timeZone: 'UTC' });
    const event = graphEvent({ isAllDay: true, start: at('2027-03-27'), end: at('2027-03-29') });
    expect(toItem(event, 'Pacific/Auckland' as TimeZoneId).event).toMatchObject({
      start: '2027-03-27T00:00:00',
      timeZone: null,
      duration: 'P2D',
    });
  });

  it('falls back to UTC where the zone is one of nobody', () => {
    const event = graphEvent({ originalStartTimeZone: 'tzone://Microsoft/Custom' });
    expect(toItem(event, OSLO).event).toMatchObject({
      start: '2026-10-02T08:00:00',
      timeZone: 'UTC',
    });
  });

  it('tells the two hours of an autumn night apart, whatever zone the event was made in', () => {
    const night = (hour: string, end: string) =>
      graphEvent({
        originalStartTimeZone: 'W. Europe Standard Time',
        start: { dateTime: `2026-10-25T${hour}:00`, timeZone: 'UTC' },
        end: { dateTime: `2026-10-25T${end}:00`, timeZone: 'UTC' },
      });
    const [first, second] = [night('00:30', '00:45'), night('01:30', '01:45')].map(
      (event) => toItem(event, OSLO).event,
    );
    expect(first).toMatchObject({ start: '2026-10-25T02:30:00', timeZone: 'Europe/Oslo' });
    expect(second).toMatchObject({ start: '2026-10-25T01:30:00', timeZone: 'UTC' });
  });

  it('tells its own events apart from others by their key', () => {
    const stampOf = (transactionId: string | null) =>
      toItem(graphEvent({ transactionId }), OSLO).stamp.state;
    expect(stampOf('cb1.abc')).toBe('unread');
    expect(stampOf('7E163156-7762-4BEB-A1C6-729EA81755A7')).toBe('none');
    expect(stampOf(null)).toBe('none');
  });

  it('says that the end before the start cannot be carried', () => {
    const end = { dateTime: '2026-10-02T07:00:00', timeZone: 'UTC' };
    expect(toItem(graphEvent({ end }), OSLO).unsupported).toBe('end-before-start');
  });
});

describe('Windows zones', () => {
  it('are the tenant’s own zone where that is among theirs', () => {
    expect(ianaZoneOf('W. Europe Standard Time', OSLO)).toBe('Europe/Oslo');
    expect(ianaZoneOf('w. europe standard time', UTC)).toBe('Europe/Berlin');
    expect(ianaZoneOf('Europe/Stockholm', OSLO)).toBe('Europe/Stockholm');
    expect(ianaZoneOf('Customized Time Zone', OSLO)).toBeUndefined();
  });

  it('stand for the IANA zones that Exchange might not know', () => {
    expect(windowsZoneOf(OSLO)).toBe('W. Europe Standard Time');
    expect(windowsZoneOf(UTC)).toBe('UTC');
    expect(windowsZoneOf('Pacific/Chatham' as TimeZoneId)).toBeUndefined();
  });
});
