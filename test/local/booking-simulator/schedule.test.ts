import { describe, expect, it } from 'vitest';
import { june, made, startTown, type Json } from './harness.ts';

const at = (day: string) => ({ from_: `${day} 10:00`, to_: `${day} 11:00`, resources: [12] });

const allocation = {
  id: 7,
  ...at('2026-06-10'),
  organization_name: 'Choir',
  organization_id: 4,
  season_id: 2,
};
const booking = {
  id: 7,
  ...at('2026-06-11'),
  group_name: 'Sopranos',
  group_id: 5,
  allocation_id: 7,
};
const event = {
  id: 7,
  ...at('2026-06-12'),
  name: 'Closed meeting',
  description: 'About money',
  contact_name: 'Kari',
  contact_email: 'kari@town.example',
  contact_phone: '12345678',
  organizer: 'Kari',
  equipment: 'Projector',
};
const PARTICULARS = [
  'description',
  'contact_name',
  'contact_email',
  'contact_phone',
  'organizer',
  'equipment',
];

describe('the schedule of a resource', () => {
  it('is a bare list: allocations, bookings, events, each in its own form', async () => {
    const town = await startTown({
      events: [event],
      bookings: [booking],
      allocations: [allocation],
    });
    const common = { id: 7, active: 1, completed: 0, building_name: 'Town hall', skip_bas: 0 };
    const room = {
      id: 12,
      name: 'Council room',
      activity_id: 1,
      deactivate_calendar: false,
      deactivate_application: false,
    };
    expect(await june(town, 12)).toEqual([
      {
        type: 'allocation',
        ...common,
        from_: '2026-06-10T10:00:00+02:00',
        to_: '2026-06-10T11:00:00+02:00',
        id_string: '7',
        organization_id: 4,
        organization_name: 'Choir',
        organization_shortname: 'Choir',
        season_id: 2,
        additional_invoice_information: '',
        resources: [room],
      },
      {
        type: 'booking',
        ...common,
        from_: '2026-06-11T10:00:00+02:00',
        to_: '2026-06-11T11:00:00+02:00',
        group_id: 5,
        group_name: 'Sopranos',
        allocation_id: 7,
        season_id: 1,
        activity_id: 1,
        activity_name: '',
        reminder: 0,
        resources: [room],
      },
      {
        type: 'event',
        ...common,
        from_: '2026-06-12T10:00:00+02:00',
        to_: '2026-06-12T11:00:00+02:00',
        id_string: '7',
        activity_id: 1,
        reminder: 1,
        is_public: 0,
        building_id: 1,
        name: 'Closed meeting',
        resources: [{ ...room, building_id: 1 }],
      },
    ]);
  });

  it('shows the particulars of a public event', async () => {
    const town = await startTown({ events: [{ ...event, is_public: 1 }] });
    const [row] = await june(town, 12);
    expect(Object.keys(row ?? {})).toEqual(expect.arrayContaining(PARTICULARS));
    expect(row).not.toHaveProperty('cost');
  });

  it('shows the particulars of a private event to its owner only', async () => {
    const owned = {
      ...event,
      customer_identifier_type: 'organization_number',
      customer_organization_number: '987654321',
    };
    const stranger = await startTown({ events: [owned] });
    expect((await june(stranger, 12))[0]).not.toHaveProperty('description');
    const accounts = [{ login: 'bridge', password: 'secret', organization_numbers: ['987654321'] }];
    const owner = await startTown({ events: [owned], accounts });
    expect((await june(owner, 12))[0]).toMatchObject({ description: 'About money' });
  });

  it('hides the particulars of what the session itself imported; the route by id has them', async () => {
    const town = await startTown();
    const id = await made(town, 12, { description: 'Agenda', contact_name: 'Ola' });
    const [row] = await june(town, 12);
    for (const member of PARTICULARS) expect(row).not.toHaveProperty(member);
    expect((await town.call('GET', `/booking/events/${id}`)).json).toMatchObject({
      description: 'Agenda',
      contact_name: 'Ola',
      organizer: 'Ola',
    });
  });

  it('covers whole days, both ends, and a month where no end is given', async () => {
    const events = ['2026-05-31', '2026-06-01', '2026-06-30', '2026-07-01', '2026-07-02'].map(
      (day, index) => ({ ...event, id: index + 1, from_: `${day} 00:00`, to_: `${day} 23:59` }),
    );
    const town = await startTown({ events });
    expect((await june(town, 12)).map(({ id }) => id)).toEqual([2, 3]);
    const open = await town.call('GET', '/booking/resources/12/schedule?start_date=2026-06-01');
    expect(open.list.map(({ id }) => id)).toEqual([2, 3, 4]);
  });

  it('takes what overlaps the window, not what only touches it', async () => {
    const town = await startTown({
      events: [
        { ...event, id: 1, from_: '2026-05-20 10:00', to_: '2026-06-01 00:00' },
        { ...event, id: 2, from_: '2026-05-20 10:00', to_: '2026-06-01 00:01' },
        { ...event, id: 3, from_: '2026-05-01 10:00', to_: '2026-07-20 10:00' },
        { ...event, id: 4, from_: '2026-07-01 00:00', to_: '2026-07-01 01:00' },
      ],
    });
    expect((await june(town, 12)).map(({ id }) => id)).toEqual([2, 3]);
  });

  it('leaves out what is inactive', async () => {
    const town = await startTown({
      events: [{ ...event, active: 0 }],
      bookings: [{ ...booking, active: 0 }],
      allocations: [{ ...allocation, active: 0 }],
    });
    expect(await june(town, 12)).toEqual([]);
  });

  it.each(['start_date=soon', 'start_date=2026-13-01', 'start_date=2026-06-01&end_date=x', 'x=1'])(
    'answers 400 to %s',
    async (query) => {
      const town = await startTown();
      const bad = await town.call('GET', `/booking/resources/12/schedule?${query}`);
      expect(bad.status).toBe(400);
      expect(bad.json).toEqual({ error: expect.any(String) });
    },
  );

  it('answers 404 for an unknown or inactive resource, and nothing for a hidden one', async () => {
    const town = await startTown({
      resources: [
        { id: 12, name: 'Hidden', building_id: 1, hidden: 1 },
        { id: 13, name: 'Closed', building_id: 1, active: 0 },
      ],
      events: [event],
    });
    const status = async (id: string) =>
      (await town.call('GET', `/booking/resources/${id}/schedule?start_date=2026-06-01`)).status;
    expect(await status('13')).toBe(404);
    expect(await status('14')).toBe(404);
    expect(await status('abc')).toBe(500);
    expect(await status('12')).toBe(200);
    expect(await june(town, 12)).toEqual([]);
  });

  it('lists an event of two rooms in both, each row naming its own room', async () => {
    const town = await startTown({ events: [{ ...event, resources: [12, 13] }] });
    const rooms = async (id: number) =>
      (await june(town, id)).flatMap((row) =>
        (row['resources'] as Json[]).map((room) => room['id']),
      );
    expect(await rooms(12)).toEqual([12]);
    expect(await rooms(13)).toEqual([13]);
    const { json } = await town.call('GET', '/booking/events/7');
    expect(json['resources']).toEqual([12, 13]);
  });

  it('lists every one of 1,000 events of a room, in the order of their ids', async () => {
    const events = Array.from({ length: 1000 }, (_, index) => {
      const day = String((index % 28) + 1).padStart(2, '0');
      return {
        ...event,
        id: index + 1,
        from_: `2026-06-${day} 10:00`,
        to_: `2026-06-${day} 11:00`,
      };
    });
    const town = await startTown({ events });
    const rows = await june(town, 12);
    expect(rows.map(({ id }) => id)).toEqual(events.map(({ id }) => id));
  });
});
