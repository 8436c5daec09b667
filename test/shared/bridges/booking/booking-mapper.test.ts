import * as fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { describe, expect, it } from 'vitest';
import {
  membersOf,
  membersOfNew,
  type EventMembers,
} from '../../../../shared/bridges/booking/booking-fields.ts';
import {
  daysCovering,
  isMadeOf,
  parseExternalId,
  toItem,
  type Place,
} from '../../../../shared/bridges/booking/booking-mapper.ts';
import {
  AllocationSchema,
  EventSchema,
  ScheduleSchema,
} from '../../../../shared/bridges/booking/booking-schemas.ts';
import { allDayTimes, contactOf, slotOf } from '../../../../shared/model/event.ts';
import { FIELDS, type EventContent } from '../../../../shared/model/fields.ts';
import type { ExternalId } from '../../../../shared/model/ids.ts';
import type { SnapshotItem } from '../../../../shared/model/snapshot.ts';
import {
  addDays,
  durationBetween,
  formatInstant,
  toLocal,
  type LocalDate,
} from '../../../../shared/model/time.ts';
import type { Instant } from '../../../../shared/util/clock.ts';
import { at, OSLO, ROOM, timed } from './booking-stage.ts';

const PLACE = { resource: ROOM, zone: OSLO, locale: 'nb' } as const;

/** A public event in a schedule; `undefined` leaves a member out. */
function listed(members: Record<string, unknown> = {}, place: Place = PLACE): SnapshotItem {
  const row = {
    type: 'event',
    id: 12,
    active: 1,
    name: 'Møte',
    from_: '2026-10-01T10:00:00+02:00',
    to_: '2026-10-01T11:30:00+02:00',
    description: 'Sak 1',
    contact_name: 'Kari Nordmann',
    contact_email: 'kari@example.org',
    resources: [{ id: 1, name: 'Formannskapssalen' }],
    secret: 'not for us',
    ...members,
  };
  const [read] = ScheduleSchema.parse([row]);
  if (read === undefined) throw new Error('no row');
  return toItem({ ...read, source: 'schedule' }, place);
}

function byId(members: object): SnapshotItem {
  const read = EventSchema.parse({
    id: 12,
    active: true,
    from_: '2026-10-01T10:00:00+02:00',
    to_: '2026-10-01T11:30:00+02:00',
    ...members,
  });
  return toItem({ ...read, source: 'id' }, PLACE);
}

function slotText({ event }: SnapshotItem): string[] {
  const { start, end } = slotOf(event, OSLO);
  return [formatInstant(start), formatInstant(end)];
}

describe('a row of the schedule', () => {
  it('becomes an event with every field it has', () => {
    const item = listed();
    expect(item).toMatchObject({
      id: 'event:12',
      event: {
        title: 'Møte',
        description: 'Sak 1',
        start: '2026-10-01T10:00:00',
        timeZone: 'Europe/Oslo',
        duration: 'PT1H30M',
        showWithoutTime: false,
        status: 'confirmed',
        freeBusyStatus: 'busy',
      },
      shown: ['title', 'slot', 'description', 'contact'],
      rights: 'full',
      stamp: { state: 'none' },
    });
    expect(contactOf(item.event)).toMatchObject({
      name: 'Kari Nordmann',
      email: 'kari@example.org',
    });
    expect(item.unsupported).toBeUndefined();
    expect(item.lastModified).toBeUndefined();
  });

  it('leaves unknown what a private event hides', () => {
    const hidden = { description: undefined, contact_name: undefined, contact_email: undefined };
    expect(listed(hidden).shown).toEqual(['title', 'slot']);
    expect(listed({ contact_name: undefined }).shown).toEqual(FIELDS);
    expect(listed({ description: null }).shown).not.toContain('description');
    expect(listed({ description: '' }).shown).toContain('description');
  });

  it('takes the name of a booking from its group, of an allocation from its organization', () => {
    expect(listed({ type: 'booking', group_name: 'Korpset' })).toMatchObject({
      id: 'booking:12',
      event: { title: 'Korpset', description: 'Booking: Korpset' },
      rights: 'none',
    });
    expect(listed({ type: 'allocation', organization_name: 'Idrettslaget' })).toMatchObject({
      id: 'allocation:12',
      event: { title: 'Idrettslaget', description: 'Tildeling: Idrettslaget' },
      rights: 'none',
    });
    // A read by id leaves the name out: neither is known, and what was known stays.
    expect(listed({ type: 'allocation' }).shown).toEqual(['slot', 'contact']);
  });

  it.each([
    ['nb', 'Tildeling: Idrettslaget'],
    ['nn', 'Tildeling: Idrettslaget'],
    ['en', 'Allocation: Idrettslaget'],
  ] as const)('says in the tenant’s language (%s) what an allocation is: %s', (locale, text) => {
    const row = { type: 'allocation', organization_name: 'Idrettslaget' };
    expect(listed(row, { ...PLACE, locale }).event.description).toBe(text);
  });

  it('cannot tell whether other rooms hold the event, unless it names one', () => {
    expect(listed().sharedWith).toBeUndefined();
    expect(listed({ resources: [{ id: 1 }, { id: 2 }] }).sharedWith).toEqual(['2']);
    expect(byId({ resources: [1, '2'] }).sharedWith).toEqual(['2']);
    expect(byId({ resources: [1] }).sharedWith).toEqual([]);
    expect(byId({}).sharedWith).toBeUndefined();
  });

  it('has a version that moves with any member and not with their order', () => {
    const version = listed().version;
    expect(listed({ secret: 'another' }).version).not.toEqual(version);
    const [read] = ScheduleSchema.parse([{ b: { d: 1, c: 2 }, ...rawOf(version) }]);
    const [same] = ScheduleSchema.parse([{ ...rawOf(version), b: { c: 2, d: 1 } }]);
    if (read === undefined || same === undefined) throw new Error('no row');
    expect(toItem({ ...read, source: 'schedule' }, PLACE).version).toEqual(
      toItem({ ...same, source: 'schedule' }, PLACE).version,
    );
  });

  it.each([
    ['from_', 'yesterday'],
    ['to_', '2026-02-30T10:00:00+01:00'],
  ])('is no row where %s is no time', (member, text) => {
    expect(() => listed({ [member]: text })).toThrow(`${member} of event:12 is no time`);
  });
});

function rawOf(version: SnapshotItem['version']): object {
  return 'raw' in version ? (JSON.parse(version.raw) as object) : {};
}

describe('times of a row', () => {
  it.each([
    ['00:00:00', '2026-10-02T00:00:00+02:00', 1],
    ['00:00:00', '2026-10-01T23:59:00+02:00', 1],
    ['00:00:00', '2026-10-03T23:59:59+02:00', 3],
  ])('from %s to %s are %i whole days', (_from, to, days) => {
    const { event } = listed({ from_: '2026-10-01T00:00:00+02:00', to_: to });
    expect(event).toMatchObject({
      showWithoutTime: true,
      timeZone: null,
      start: '2026-10-01T00:00:00',
      duration: `P${days}D`,
    });
  });

  it.each(['2026-10-01T23:00:00+02:00', '2026-10-02T00:00:01+02:00', '2026-10-01T23:58:00+02:00'])(
    'from midnight to %s are no whole day',
    (to) => {
      const { event } = listed({ from_: '2026-10-01T00:00:00+02:00', to_: to });
      expect(event.showWithoutTime).toBe(false);
    },
  );

  it.each([
    ['over the night of 23 hours', '2027-03-27', 2, '2027-03-29T00:00:00+02:00'],
    ['over the night of 25 hours', '2026-10-24', 2, '2026-10-26T00:00:00+01:00'],
  ])('are whole days %s', (_name, from, days, to) => {
    const { event } = listed({ from_: midnightOf(from), to_: to });
    expect(event).toMatchObject({ start: `${from}T00:00:00`, duration: `P${days}D` });
  });

  it('keep the exact length in the night of 25 hours', () => {
    const item = listed({ from_: '2026-10-24T22:00:00+02:00', to_: '2026-10-25T04:00:00+01:00' });
    expect(item.event.duration).toBe('PT7H');
    expect(slotText(item)).toEqual(['2026-10-24T20:00:00Z', '2026-10-25T03:00:00Z']);
  });

  it('keep the second run of the hour that autumn repeats', () => {
    const item = listed({ from_: '2026-10-25T02:30:00+01:00', to_: '2026-10-25T03:30:00+01:00' });
    expect(slotText(item)).toEqual(['2026-10-25T01:30:00Z', '2026-10-25T02:30:00Z']);
  });

  it.each([
    ['2026-10-25T00:30:00Z', '2026-10-25T01:30:00Z', '02:30:00', '03:30:00'],
    ['2026-10-25T00:30:00Z', '2026-10-25T01:00:00Z', '02:30:00', '03:00:00'],
    ['2026-10-25T00:00:00Z', '2026-10-25T02:00:00Z', '02:00:00', '03:00:00'],
  ])(
    'are written from %s to %s as %s to %s: for longer, never for less',
    (start, end, from, to) => {
      const utc = (text: string): string => text.slice(0, 19);
      const content: EventContent = {
        ...timed('2026-10-25T00:00', '2026-10-25T01:00'),
        start: utc(start) as EventContent['start'],
        timeZone: 'Etc/UTC' as NonNullable<EventContent['timeZone']>,
        duration: durationBetween({ start: at(start), end: at(end) }),
      };
      expect(membersOf(content, ['slot'], OSLO)).toEqual({
        from_: `2026-10-25 ${from}`,
        to_: `2026-10-25 ${to}`,
      });
    },
  );

  it('are read from a naive wall clock as the zone has it', () => {
    const read = AllocationSchema.parse({
      id: 3,
      active: 1,
      from_: '2027-03-28 03:00:00',
      to_: '2027-03-28 04:00:00',
    });
    const item = toItem({ ...read, source: 'id' }, PLACE);
    expect(slotText(item)).toEqual(['2027-03-28T01:00:00Z', '2027-03-28T02:00:00Z']);
  });

  it.each([
    ['2026-10-01T10:00:00+02:00', 'zero-length'],
    ['2026-10-01T09:00:00+02:00', 'end-before-start'],
  ])('that end at %s are unsupported: %s', (to, reason) => {
    expect(listed({ to_: to })).toMatchObject({ unsupported: reason, event: { duration: 'PT0S' } });
  });
});

function midnightOf(date: string): string {
  return `${date}T00:00:00${date < '2026-10-25' ? '+02:00' : '+01:00'}`;
}

describe('placeholders', () => {
  it('are read as nothing', () => {
    const item = listed({
      description: '-',
      contact_name: '-',
      contact_email: 'none@example.invalid',
    });
    expect(item.event.description).toBe('');
    expect(contactOf(item.event)).toBeUndefined();
    expect(item.shown).toEqual(FIELDS);
  });

  it.each(['', '0', ' \n '])('stand for a title of %j, which would not be set', (title) => {
    const content = timed('2026-10-01T10:00', '2026-10-01T11:00', { title });
    expect(membersOf(content, ['title'], OSLO)).toEqual({ name: '-' });
  });

  it('replace a contact whose name or address cannot be written', () => {
    const members = (contact: { name?: string; email?: string }): unknown =>
      membersOf(
        timed('2026-10-01T10:00', '2026-10-01T11:00', {
          participants: { one: { ...contact, roles: { owner: true } } },
        }),
        ['contact'],
        OSLO,
      );
    expect(members({ name: 'Kari', email: '/o=Org/cn=kari' })).toEqual({
      contact_name: 'Kari',
      contact_email: 'none@example.invalid',
    });
    expect(members({ email: `${'k'.repeat(50)}@example.org` })).toEqual({
      contact_name: '-',
      contact_email: 'none@example.invalid',
    });
    expect(members({ name: 'æ'.repeat(40) })).toMatchObject({ contact_name: 'æ'.repeat(25) });
  });

  it('are left out of a new event, but for the name that some revisions demand', () => {
    const content = timed('2026-10-01T10:00', '2026-10-01T11:00', { description: '' });
    expect(membersOfNew(content, OSLO)).toEqual({
      name: 'Formannskapet',
      from_: '2026-10-01 10:00:00',
      to_: '2026-10-01 11:00:00',
      contact_name: '-',
    });
  });
});

describe('what is written', () => {
  it('is the wall clock of the system, whatever the zone of the event', () => {
    const content: EventContent = {
      ...timed('2026-10-01T10:00', '2026-10-01T11:00'),
      start: '2026-10-01T04:00:00' as EventContent['start'],
      timeZone: 'America/New_York' as NonNullable<EventContent['timeZone']>,
    };
    expect(membersOf(content, ['slot'], OSLO)).toEqual({
      from_: '2026-10-01 10:00:00',
      to_: '2026-10-01 11:00:00',
    });
  });

  it('is known again by its name and times', () => {
    const content = timed('2026-10-01T10:00', '2026-10-01T11:30', { title: 'Møte' });
    const members = membersOfNew(content, OSLO);
    const times = { from_: '2026-10-01T10:00:00+02:00', to_: '2026-10-01T11:30:00+02:00' };
    const rowOf = (change: object): Parameters<typeof isMadeOf>[0] =>
      EventSchema.parse({ id: 12, name: 'Møte', ...times, ...change }).row;
    expect(isMadeOf(rowOf({}), members, OSLO)).toBe(true);
    expect(isMadeOf(rowOf({ name: 'møte' }), members, OSLO)).toBe(false);
    expect(isMadeOf(rowOf({ to_: '2026-10-01T11:00:00+02:00' }), members, OSLO)).toBe(false);
  });

  it('comes back as it was, in every field', () => {
    fc.assert(
      fc.property(anyContent(), (content) => {
        const members = membersOf(content, FIELDS, OSLO);
        const item = byId({ ...asAnswered(members), resources: [1] });
        expect(item.event.title).toBe(content.title);
        expect(item.event.description).toBe(content.description);
        expect(contactOf(item.event)?.name).toBe(contactOf(asFull(content))?.name);
        expect(contactOf(item.event)?.email).toBe(contactOf(asFull(content))?.email);
        expect(slotOf(item.event, OSLO)).toEqual(slotOf(asFull(content), OSLO));
        expect(item.event.showWithoutTime).toBe(content.showWithoutTime);
      }),
    );
  });

  it('is the same when what came back is written again', () => {
    fc.assert(
      fc.property(anyContent(), (content) => {
        const members = membersOf(content, FIELDS, OSLO);
        const { event } = byId(asAnswered(members));
        expect(membersOf(event, FIELDS, OSLO)).toEqual(members);
      }),
    );
  });
});

function asFull(content: EventContent): Parameters<typeof slotOf>[0] {
  return { ...content, status: 'confirmed', privacy: 'public' };
}

/** The members as the system answers them: its wall clock with the offset of that moment. */
function asAnswered(members: EventMembers): EventMembers {
  const { from_: from = '', to_: to = '' } = members;
  return { ...members, from_: withOffset(from), to_: withOffset(to) };
}

function withOffset(wall: string): string {
  const zoned = Temporal.PlainDateTime.from(wall).toZonedDateTime(OSLO);
  return zoned.toString({ timeZoneName: 'never' });
}

const text = (max: number): fc.Arbitrary<string> =>
  fc
    .string({ unit: 'grapheme', maxLength: max })
    .map((value) => value.replaceAll(/\s+/g, ' ').trim())
    .filter((value) => value !== '-' && value !== '0' && !value.startsWith('<'));

function anyContent(): fc.Arbitrary<EventContent> {
  const first = at('2026-01-01T00:00:00Z');
  // Minutes; the hour that autumn repeats is left out, since a wall clock cannot name its second run.
  const repeated = { from: at('2026-10-25T00:00:00Z'), to: at('2026-10-25T02:00:00Z') };
  const instant = fc
    .integer({ min: 0, max: 730 * 1440 })
    .map((minutes) => (first + minutes * 60_000) as Instant)
    .filter((time) => time < repeated.from || time >= repeated.to);
  const slot = fc
    .tuple(instant, instant)
    .filter(([one, other]) => one !== other)
    .map(([one, other]) => ({
      start: Math.min(one, other) as Instant,
      end: Math.max(one, other) as Instant,
    }))
    // From midnight to midnight is a whole day there, and has a test of its own.
    .filter(({ start }) => !toLocal(start, OSLO).endsWith('T00:00:00'))
    .map((range) => ({
      start: toLocal(range.start, OSLO),
      timeZone: OSLO,
      duration: durationBetween(range),
      showWithoutTime: false,
    }));
  const days = fc
    .tuple(fc.integer({ min: 0, max: 700 }), fc.integer({ min: 1, max: 40 }))
    .map(([offset, length]) => allDayTimes(addDays('2026-01-01' as LocalDate, offset), length));
  const contact = fc.record({
    name: text(20).filter((name) => Buffer.byteLength(name) <= 50 && name !== ''),
    email: fc.constantFrom('kari@example.org', 'ola.nordmann@kommune.example'),
  });
  return fc
    .record({
      title: text(60).filter((title) => title !== '' && Buffer.byteLength(title) <= 127),
      description: text(200),
      contact: fc.option(contact, { nil: undefined }),
      times: fc.oneof(slot, days),
    })
    .map(contentOf);
}

function contentOf(parts: {
  times: Pick<EventContent, 'start' | 'timeZone' | 'duration' | 'showWithoutTime'>;
  title: string;
  description: string;
  contact?: { name: string; email: string } | undefined;
}): EventContent {
  const { times, contact, title, description } = parts;
  const content: EventContent = { title, description, ...times, freeBusyStatus: 'busy' };
  if (contact === undefined) return content;
  return { ...content, participants: { owner: { ...contact, roles: { owner: true } } } };
}

describe('ids', () => {
  it('hold the type, since each type counts for itself', () => {
    const parse = (id: string): unknown => parseExternalId(id as ExternalId);
    expect(parse('event:12')).toEqual({ type: 'event', number: 12 });
    expect(parse('booking:12')).toEqual({ type: 'booking', number: 12 });
    for (const id of ['12', 'event:', 'event:x', 'EVENT:12', 'event:12:1', 'AAMk='])
      expect(parse(id)).toBeUndefined();
  });
});

describe('the days that cover a range', () => {
  it('are days of the system', () => {
    const range = { start: at('2026-10-24T22:30:00Z'), end: at('2026-10-25T23:30:00Z') };
    expect(daysCovering(range, OSLO)).toEqual({ start_date: '2026-10-25', end_date: '2026-10-26' });
  });
});
